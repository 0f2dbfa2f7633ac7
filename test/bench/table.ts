import type { Figure, Unit } from './figure.ts'

/** A figure at one size. */
export interface Row extends Figure {
  readonly size: number
  /** It is the size that the goals are meant for. */
  readonly isFull: boolean
}

/** An object may cost so much more in a larger world before a figure counts as growing faster than linearly. */
const tolerance = 1.3

const columns = [
  'figure',
  'objects',
  'measured',
  'goal',
  'anchor',
  'ratio',
  'goal for it',
  'for each object',
  'growth',
  'verdict',
]

/** The figures as a table in Markdown: those of one name together, the sizes in their order. */
export function tableOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ name }) => name))]
  const lines = names.flatMap((name) => linesOf(rows.filter((row) => row.name === name)))
  return [columns, columns.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A figure in a line, for those who wait for the table. */
export function summaryOf({ name, unit, measured, anchor }: Figure): string {
  const beside = anchor === undefined ? '' : ` (${anchor.name}: ${quantity(anchor.measured, unit)})`
  return `${name}: ${quantity(measured, unit)}${beside}`
}

function linesOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const sorted = rows.toSorted((one, other) => one.size - other.size)
  return sorted.map((row, index) => cellsOf(row, growthOf(row, sorted[index - 1])))
}

/** What an object costs in relation to what it costs in the next smaller world. */
function growthOf(row: Row, smaller: Row | undefined): number | undefined {
  const [one, other] = [eachOf(row), smaller && eachOf(smaller)]
  return one === undefined || other === undefined ? undefined : one / other
}

/** What it is for each object. */
function eachOf({ measured, size, of }: Row): number | undefined {
  return of === undefined ? undefined : of === 'each' ? measured : measured / size
}

function cellsOf(row: Row, growth: number | undefined): readonly string[] {
  const { name, size, isFull, unit, measured, goal, anchor, of } = row
  const atLeast = unit === 'events/s'
  return [
    name,
    size.toLocaleString('en'),
    quantity(measured, unit),
    goal !== undefined && isFull ? `${atLeast ? '>=' : '<='} ${quantity(goal, unit)}` : '',
    anchor === undefined ? '' : `${quantity(anchor.measured, unit)} (${anchor.name})`,
    anchor === undefined ? '' : (measured / anchor.measured).toFixed(2),
    anchor?.goalRatio === undefined || !isFull ? '' : `<= ${anchor.goalRatio}`,
    of === 'all' ? each(measured / size, unit) : '',
    growth === undefined ? '' : growth.toFixed(2),
    verdictOf(row, growth),
  ]
}

function verdictOf({ isFull, unit, measured, goal, anchor }: Row, growth: number | undefined): string {
  const shortfalls = growth !== undefined && growth > tolerance ? ['grows faster'] : []
  if (isFull) {
    if (goal !== undefined && (unit === 'events/s' ? measured < goal : measured > goal))
      shortfalls.push('misses the goal')
    if (anchor?.goalRatio !== undefined && measured / anchor.measured > anchor.goalRatio)
      shortfalls.push('misses the ratio')
  }
  if (shortfalls.length > 0) return shortfalls.join(', ')
  const isHeld = isFull && (goal !== undefined || anchor?.goalRatio !== undefined)
  return isHeld || growth !== undefined ? 'good' : ''
}

/** A number with as many digits as tell something, and its unit. */
export function quantity(value: number, unit: Unit): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const rounded = Number(value.toFixed(digits)).toLocaleString('en')
  return `${rounded} ${unit}`
}

const finer: Readonly<Partial<Record<Unit, readonly [Unit | 'µs', number]>>> = {
  ms: ['µs', 1000],
  s: ['µs', 1_000_000],
  MiB: ['bytes', 2 ** 20],
  MB: ['bytes', 1_000_000],
}

function each(value: number, unit: Unit): string {
  const [small, factor] = finer[unit] ?? [unit, 1]
  return `${(value * factor).toFixed(value * factor >= 10 ? 0 : 1)} ${small}`
}
