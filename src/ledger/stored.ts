import * as z from 'zod'
import { printable } from '../text/printable.ts'

/** A stored time, ms since the Unix epoch, of the years 1970 to 9999: RFC 3339, in which it is shown, can write no other. */
export const timeMs = z.number().min(0).max(Date.parse('9999-12-31T23:59:59.999Z'))

/** A stored text that becomes the value of a label: printable ASCII, at least one character. */
export const labelValue = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[ -~]+$/)

/** Says what is wrong with a stored text that is JSON: one line of bounded length, of plain characters, whatever the text says. */
export function storedProblem({ issues: [issue] }: z.ZodError): string {
  const problem = issue === undefined ? 'it is malformed' : `${issue.path.join('.')}: ${issue.message}`
  return printable(problem, { as: 'questionMarks' })
}
