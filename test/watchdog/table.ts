import type { Outcome } from './incident.ts'

export const isWrong = ({ violations }: Outcome): boolean => violations.length > 0

/** The share of restarts whose evidence against them had not arrived. */
export const excusedShare = (outcomes: readonly Outcome[]): number =>
  sum(outcomes, ({ excused }) => excused) /
  Math.max(
    1,
    sum(outcomes, ({ restarts }) => restarts),
  )

const columns = [
  'cause',
  'incidents',
  'healable pods',
  'restarts',
  'healed',
  'canaries in vain',
  'excused',
  'longest wait, min',
  'wrong incidents',
]

/** What came of the incidents, by cause, as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const kinds = Map.groupBy(outcomes, ({ cause }) => cause)
  return [
    row(columns),
    row(['---', ...columns.slice(1).map(() => '--:')]),
    ...Array.from(kinds, ([cause, those]) => of(cause, those)).sort(),
    of('all', outcomes),
  ].join('\n')
}

const of = (what: string, outcomes: readonly Outcome[]): string =>
  row([
    what,
    ...[
      outcomes.length,
      sum(outcomes, ({ healable }) => healable),
      sum(outcomes, ({ restarts }) => restarts),
      sum(outcomes, ({ healed }) => healed),
      sum(outcomes, ({ canariesInVain }) => canariesInVain),
      sum(outcomes, ({ excused }) => excused),
      Math.round(Math.max(0, ...outcomes.map(({ longestMs }) => longestMs)) / 60_000),
      outcomes.filter(isWrong).length,
    ].map(String),
  ])

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const sum = (outcomes: readonly Outcome[], of: (outcome: Outcome) => number): number =>
  outcomes.reduce((total, outcome) => total + of(outcome), 0)

/** What went wrong, an incident a line. */
export const storiesOf = (outcomes: readonly Outcome[]): string =>
  outcomes
    .filter(isWrong)
    .map(
      ({ seed, cause, pods, troubles, violations }) =>
        `seed ${seed}, ${cause}, ${pods} pods, ${JSON.stringify(troubles)}: ${violations.slice(0, 5).join('; ')}`,
    )
    .join('\n')
