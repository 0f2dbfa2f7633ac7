/** Renders a Markdown table in prettier's format, so that a page that prettier checks can contain it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [top = [], ...body] = cells
  const rule = widths.map((width) => '-'.repeat(width))
  return [top, rule, ...body].map(line).join('\n')
}

/** Renders text as inline code of Markdown. */
export function code(text: string): string {
  return `\`${text}\``
}
