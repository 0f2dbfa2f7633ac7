import type * as z from 'zod'
import { printable } from '../text/printable.ts'

/** What is wrong with a stored text that is JSON: one line of bounded length, of plain characters, whatever the text says. */
export function storedProblem({ issues: [issue] }: z.ZodError): string {
  const problem = issue === undefined ? 'it is malformed' : `${issue.path.join('.')}: ${issue.message}`
  return printable(problem, { as: 'questionMarks' })
}
