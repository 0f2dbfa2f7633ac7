import { cases } from '../cases.ts'
import { conditions } from '../conditions.ts'
import { mixed } from '../plan.ts'
import { rulesets, type Ruleset } from '../rulesets.ts'
import { lifetimes } from '../scenes.ts'
import type { Scored } from './score.ts'
import { goalOf, isTooLate, type Judged } from './tally.ts'

/** Windows that are told together, under all rulesets. */
export interface Row {
  readonly name: string
  readonly judged: Readonly<Record<Ruleset, readonly Judged[]>>
  /** Pages of workloads whose own window is not judged: all false. */
  readonly strays: Readonly<Record<Ruleset, number>>
}

const columns = [
  '',
  'windows',
  'would suffer',
  "nobody's page",
  'either',
  'no rule could',
  'precision',
  'recall',
  'share left: least',
  '5 %',
  'median',
  ...rulesets.slice(1).map((ruleset) => `${ruleset}: precision, recall`),
]

/** The windows of all fleets in one row for each case, condition and lifetime. */
export function rowsOf(all: readonly Scored[]): readonly (readonly Row[])[] {
  const row = (name: string, isOf: (scored: Scored, kind: string) => boolean): Row => {
    const each = <Value>(make: (ruleset: Ruleset) => Value) =>
      Object.fromEntries(rulesets.map((ruleset) => [ruleset, make(ruleset)])) as Record<Ruleset, Value>
    return {
      name,
      judged: each((ruleset) =>
        all.flatMap((scored) => scored.judged[ruleset].filter(({ window }) => isOf(scored, window.life.workload.kind))),
      ),
      strays: each((ruleset) =>
        all.reduce(
          (sum, scored) =>
            sum + scored.pages[ruleset].strays.filter(({ life }) => isOf(scored, life.workload.kind)).length,
          0,
        ),
      ),
    }
  }
  const told = [...conditions.map(({ name }) => name), mixed]
  return [
    [row('all', () => true)],
    cases.map(({ name }) => row(name, (_, kind) => kind === name)),
    told.map((name) => row(name, ({ run }) => run.spec.told === name)),
    Object.keys(lifetimes).map((name) => row(name, ({ run }) => run.spec.lifetime === name)),
  ]
}

/** As a table in Markdown. */
export function tableOf(groups: readonly (readonly Row[])[]): string {
  const titles = ['all', 'what befalls workloads', 'what befalls svidwatch and Prometheus', 'lifetime']
  return groups
    .map((rows, index) =>
      markdown([
        columns.with(0, titles[index] ?? ''),
        ...rows.filter(({ judged }) => judged.shipped.length > 0).map(cellsOf),
      ]),
    )
    .join('\n\n')
}

export function markdown([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function cellsOf({ name, judged, strays }: Row): readonly string[] {
  const outcomes = (outcome: string) => judged.shipped.filter(({ window }) => window.outcome === outcome).length
  const shares = judged.shipped
    .filter((one) => isTooLate(one) || one.window.possibleShare >= goalOf(one.window))
    .flatMap(({ shareLeft }) => shareLeft ?? [])
    .sort((one, other) => one - other)
  const at = (quantile: number) => shares[Math.floor((shares.length - 1) * quantile)]
  return [
    name,
    judged.shipped.length.toLocaleString('en'),
    outcomes('suffers').toLocaleString('en'),
    outcomes('fine').toLocaleString('en'),
    outcomes('late').toLocaleString('en'),
    counted(judged.shipped, 'unknowable', 'dark').toLocaleString('en'),
    percent(...precisionOf(judged.shipped, strays.shipped)),
    percent(...recallOf(judged.shipped)),
    ...[at(0), at(0.05), at(0.5)].map((share) => (share === undefined ? '-' : share.toFixed(2))),
    ...rulesets
      .slice(1)
      .map((ruleset) =>
        [percent(...precisionOf(judged[ruleset], strays[ruleset])), percent(...recallOf(judged[ruleset]))].join(', '),
      ),
  ]
}

const counted = (judged: readonly Judged[], ...verdicts: readonly Judged['verdict'][]): number =>
  judged.filter(({ verdict }) => verdicts.includes(verdict)).length

/** True pages, and all pages that are true or false. */
const precisionOf = (judged: readonly Judged[], strays: number): [number, number] => {
  const right = counted(judged, 'true')
  return [right, right + counted(judged, 'false') + strays]
}

/** True pages, and all that were to be had. */
const recallOf = (judged: readonly Judged[]): [number, number] => {
  const right = counted(judged, 'true')
  return [right, right + counted(judged, 'missed')]
}

/** Never rounded up to 100. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${part === whole ? '100' : (Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`
