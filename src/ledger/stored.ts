import * as z from 'zod'
import { invalidIssuer, plainIssuerPattern, objectNamePattern } from '../text/kubernetesNames.ts'
import { printable } from '../text/printable.ts'

/** A stored time, ms since the Unix epoch, in the years 1970 to 9999: it is shown in RFC 3339, which has no later years. */
export const timeMs = z.number().min(0).max(Date.parse('9999-12-31T23:59:59.999Z'))

/** A stored text that becomes a label value: printable ASCII, at least one character. */
export const labelValue = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[ -~]+$/)

/** A stored name of a Kubernetes object. */
export const objectName = z.string().regex(objectNamePattern)

/** A stored name of an issuer, or ''. An earlier version has stored whatever a request said. */
export const issuer = z
  .string()
  .max(2048)
  .regex(/^[ -~]*$/)
  .transform((name) => (name === '' || plainIssuerPattern.test(name) ? name : invalidIssuer))

/** Returns the problem of a stored text that is JSON: one line of printable characters, of bounded length. */
export function storedProblem({ issues: [issue] }: z.ZodError): string {
  const problem = issue === undefined ? 'it is malformed' : `${issue.path.join('.')}: ${issue.message}`
  return printable(problem, { as: 'questionMarks' })
}
