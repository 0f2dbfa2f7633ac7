/** A Markdown table as prettier formats it, so that a generated table can stand in a page that prettier checks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [top = [], ...body] = cells
  const rule = widths.map((width) => '-'.repeat(width))
  return [top, rule, ...body].map(line).join('\n')
}

/** Text as Markdown's inline code. */
export function code(text: string): string {
  return `\`${text}\``
}
