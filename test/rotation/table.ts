import type { Outcome } from './run.ts'

const headings = [
  'order',
  'workloads',
  'pairs fail',
  'told after',
  'ended after',
  'reasons',
  'most pairs',
  'wrong',
] as const

/** Returns a table of outcomes, one line for each, in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(cellsOf)
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function cellsOf({ order, workloads, broken, told, reasons, maxPairs, wrong }: Outcome): readonly string[] {
  const after = (to: number | undefined, from: number | undefined) =>
    to === undefined || from === undefined ? '' : `${Math.max(0, to - from) / 1000} s`
  return [
    order.name,
    String(workloads),
    broken ? `${minutes(broken.fromMs)} to ${minutes(broken.toMs)} min` : 'never',
    after(told?.fromMs, broken?.fromMs),
    after(told?.toMs, broken?.toMs),
    reasons.join(', '),
    String(maxPairs),
    String(wrong.length),
  ]
}

const minutes = (ms: number): string => (ms / 60_000).toFixed(1)
