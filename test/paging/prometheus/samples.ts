/** A sample of one series at one step: a value, or Prometheus' marker that the series has ended. */
export type Sample = number | 'stale'

/** The samples of one series, by step; steps without one are left out. */
export type Column = (Sample | undefined)[]

/** Hands out each sample of a text of Prometheus' format whose family is wanted. */
export function readSamples(
  text: string,
  isWanted: (family: string) => boolean,
  take: (series: string, value: number) => void,
): void {
  let wanted = false
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end === -1 ? text.length : end)
    from = end === -1 ? text.length : end + 1
    if (line.startsWith('# HELP ')) wanted = isWanted(line.slice(7, line.indexOf(' ', 7)))
    else if (wanted && !line.startsWith('#')) {
      const space = line.lastIndexOf(' ')
      take(line.slice(0, space), Number(line.slice(space + 1)))
    }
  }
}

/** The series with the labels of its target, as a scrape with honor_labels stores it. */
export function withTarget(series: string, target: string): string {
  return series.endsWith('}') ? `${series.slice(0, -1)},${target}}` : `${series}{${target}}`
}

/** The samples as promtool's tests write them. */
export function notation(column: Column): string {
  const parts: string[] = []
  for (let from = 0; from < column.length;) {
    const value = column[from]
    let to = from + 1
    if (value === 'stale') {
      parts.push('stale')
    } else if (value === undefined) {
      while (to < column.length && column[to] === undefined) to += 1
      parts.push(to - from === 1 ? '_' : `_x${to - from}`)
    } else {
      const step = stepAt(column, from)
      if (step !== undefined) while (column[to] === value + (to - from) * step) to += 1
      parts.push(step === undefined || to - from < 2 ? String(value) : run(value, step, to - from - 1))
    }
    from = to
  }
  return parts.join(' ')
}

/** By how much it grows to the next sample, where whole numbers say so exactly. */
function stepAt(column: Column, index: number): number | undefined {
  const [one, next] = [column[index], column[index + 1]]
  if (typeof one !== 'number' || typeof next !== 'number') return undefined
  if (one === next) return 0
  return Number.isInteger(one) && Number.isInteger(next) ? next - one : undefined
}

const run = (value: number, step: number, times: number): string =>
  step === 0 ? `${value}x${times}` : `${value}${step < 0 ? '-' : '+'}${Math.abs(step)}x${times}`
