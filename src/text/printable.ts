export interface PrintableOptions {
  /**
   * The replacement for characters that would start a line, or move the cursor, colour or reorder the text of a terminal: one
   * space for a run of them (the default), an escape (`\u{1b}`) for each, or a question mark for each. `questionMarks` also
   * replaces everything else that is not printable ASCII.
   */
  readonly as?: 'spaces' | 'escapes' | 'questionMarks'
  /** In UTF-16 code units; 300 by default. An ellipsis replaces the end of a longer text. */
  readonly maxLength?: number
}

const replacements = {
  spaces: (text: string) => text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim(),
  escapes: (text: string) => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped),
  questionMarks: (text: string) => text.replaceAll(/[^ -~]/gu, '?'),
} as const

/** The characters that are read for each character that is returned: a run of spaces becomes one space. */
const readAhead = 4

/** Makes text from outside safe for logs, labels and messages: one line of bounded length without control characters. */
export function printable(text: string, { as = 'spaces', maxLength = 300 }: PrintableOptions = {}): string {
  const line = replacements[as](text.slice(0, readAhead * maxLength))
  if (line.length <= maxLength) return line
  const ellipsis = as === 'questionMarks' ? '...' : '…'
  return line.slice(0, maxLength - ellipsis.length).replace(/[\uD800-\uDBFF]$/, '') + ellipsis
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
