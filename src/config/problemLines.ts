import { printable } from '../text/printable.ts'

/** More of them help nobody: a file that is something else altogether breaks a rule with each line. */
const maxLines = 100
const maxLineLength = 500

/**
 * Problems as they are told, one line each. They quote the file: what would change how a terminal or a log reads is written as
 * an escape.
 */
export function problemLines<Problem>(
  problems: readonly Problem[],
  lineOf: (problem: Problem) => string,
): readonly string[] {
  const lines = problems.slice(0, maxLines).map((problem) => problemLine(lineOf(problem)))
  return problems.length > maxLines ? [...lines, `and ${problems.length - maxLines} more`] : lines
}

/** One of them. */
export function problemLine(problem: string): string {
  return printable(problem, { as: 'escapes', maxLength: maxLineLength })
}
