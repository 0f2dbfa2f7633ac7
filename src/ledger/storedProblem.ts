import type * as z from 'zod'

const maxLength = 300

/** What is wrong with a stored text that is JSON: one line of bounded length, of plain characters, whatever the text says. */
export function storedProblem({ issues: [issue] }: z.ZodError): string {
  const problem = issue === undefined ? 'it is malformed' : `${issue.path.join('.')}: ${issue.message}`
  return problem.slice(0, maxLength).replaceAll(/[^ -~]/g, '?')
}
