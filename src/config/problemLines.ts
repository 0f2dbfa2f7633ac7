import { printable } from '../text/printable.ts'

/** A file that is no configuration at all breaks a rule with each line; more lines than this help nobody. */
const maxLines = 100
const maxLineLength = 500

/**
 * Returns one line for each problem, at most 100, and a last line with the number of the others. Problems quote the file, so
 * characters that would change how a terminal or a log reads are written as escapes.
 */
export function problemLines<Problem>(
  problems: readonly Problem[],
  lineOf: (problem: Problem) => string,
): readonly string[] {
  const lines = problems.slice(0, maxLines).map((problem) => problemLine(lineOf(problem)))
  return problems.length > maxLines ? [...lines, `and ${problems.length - maxLines} more`] : lines
}

/** Returns one problem as a line that is safe to print. */
export function problemLine(problem: string): string {
  return printable(problem, { as: 'escapes', maxLength: maxLineLength })
}
