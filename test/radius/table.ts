import type { Outcome } from './incident.ts'
import type { JudgedCause, Verdict } from './verdicts.ts'

/** Whether something was named that is not the cause. */
export const isWrong = ({ wrong }: Outcome): boolean => wrong.length > 0

/** The share of causes about which the answer is right: the cause is named, or nothing where nothing could tell. */
export function rightShare(outcomes: readonly Outcome[]): number {
  const causes = outcomes.flatMap((outcome) => outcome.causes)
  return causes.filter(({ verdict }) => verdict === 'right' || verdict === 'untold').length / causes.length
}

/** What came of the incidents, as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const single = outcomes.filter(({ causes }) => causes.length === 1)
  const causes = single.flatMap((outcome) => outcome.causes)
  const kinds = Map.groupBy(causes, ({ cause }) => cause.what)
  const mixtures = outcomes.filter((outcome) => outcome.causes.length > 1)
  const unrelated = outcomes.filter((outcome) => outcome.causes.length === 0)
  return [
    row([
      'cause',
      'incidents',
      'named',
      'rightly nothing',
      'too broad',
      'nothing',
      'wrong',
      'right',
      'pages: median',
      'most',
      'without names: median',
    ]),
    row(['---', ...Array.from({ length: 10 }, () => '--:')]),
    ...Array.from(kinds, ([what]) =>
      of(
        what,
        single.filter((outcome) => outcome.causes.some(({ cause }) => cause.what === what)),
      ),
    ).sort(),
    of('two at once', mixtures),
    of('unrelated failures', unrelated),
    of('all', outcomes),
  ].join('\n')
}

function of(what: string, outcomes: readonly Outcome[]): string {
  const causes = outcomes.flatMap((outcome) => outcome.causes)
  const count = (verdict: Verdict): number => causes.filter((one: JudgedCause) => one.verdict === verdict).length
  const pages = outcomes.map((outcome) => outcome.pages)
  return row([
    what,
    ...[
      outcomes.length,
      count('right'),
      count('untold'),
      count('broad'),
      count('nothing'),
      outcomes.filter(isWrong).length,
    ].map(String),
    causes.length === 0 ? '-' : `${(100 * rightShare(outcomes)).toFixed(1)} %`,
    ...[median(pages), Math.max(0, ...pages), median(outcomes.map((outcome) => outcome.pagesBefore))].map(String),
  ])
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? 0

/** What happened in the incidents that went wrong, or where nothing was named. */
export function storiesOf(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(
      (outcome) =>
        isWrong(outcome) ||
        outcome.causes.some(({ verdict }) => verdict === 'nothing' || verdict === 'broad') ||
        outcome.pages > 12,
    )
    .map(({ seed, fleet, causes, wrong, pages }) => {
      const { svids, nodes, issuers, trustDomains, lifetimeMs, seesNodes, blind, unseen } = fleet
      return [
        `seed ${seed}: ${svids.length} SVIDs, ${nodes.length} nodes, ${issuers.length} issuers, ${trustDomains.length} trust domains, ${lifetimeMs / 3_600_000} h, ${seesNodes ? 'mounted' : 'issued'}, blind ${[...blind].join()}${unseen ? `, API server unseen from ${minutes(unseen.fromMs)} to ${minutes(unseen.toMs)}` : ''}; ${pages} pages`,
        ...causes.map(
          ({ cause, verdict, failing }) =>
            `  ${verdict}: ${cause.what} ${cause.name}, ${cause.failure}, from ${minutes(cause.beganMs)} to ${minutes(cause.toMs)}, ${failing} fail`,
        ),
        ...wrong.map(({ scope, name, atMs, reason }) => `  WRONG: ${scope} ${name} at ${minutes(atMs)} (${reason})`),
      ].join('\n')
    })
    .join('\n')
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`
