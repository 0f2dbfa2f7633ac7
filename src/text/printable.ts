export interface PrintableOptions {
  /**
   * What stands in the place of characters that would begin a line, or move the cursor, colour or reorder what a terminal shows:
   * a space for all that follow each other (unless said), an escape (`\u{1b}`) for each, or a question mark for each, and for
   * everything else that is not printable ASCII.
   */
  readonly as?: 'spaces' | 'escapes' | 'questionMarks'
  /** In UTF-16 code units; 300 unless said. Of what is longer, an ellipsis stands for the end. */
  readonly maxLength?: number
}

const replacements = {
  spaces: (text: string) => text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim(),
  escapes: (text: string) => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped),
  questionMarks: (text: string) => text.replaceAll(/[^ -~]/gu, '?'),
} as const

/** So much is read of a text for each character that is shown of it: runs of spaces become one. */
const readAhead = 4

/** Text from outside as logs, labels and messages may show it: one line of bounded length that is only read. */
export function printable(text: string, { as = 'spaces', maxLength = 300 }: PrintableOptions = {}): string {
  const line = replacements[as](text.slice(0, readAhead * maxLength))
  if (line.length <= maxLength) return line
  const ellipsis = as === 'questionMarks' ? '...' : '…'
  return line.slice(0, maxLength - ellipsis.length).replace(/[\uD800-\uDBFF]$/, '') + ellipsis
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
