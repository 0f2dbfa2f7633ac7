import type { Scored } from './score.ts'
import { agreementOf, type Agreement } from './agreement.ts'
import { notificationsOf } from './route.ts'
import { faultAlerts } from '../world/faults.ts'
import type { JudgedFault } from './faults.ts'
import { markdown, percent } from './table.ts'

/** What is told beside the windows of workloads: the pages of issuers, and of svidwatch itself. */
export function summaryOf(all: readonly Scored[]): string {
  const issuers = all.flatMap((scored) => scored.issuers)
  const number = (verdict: (typeof issuers)[number]['verdict']) =>
    issuers.filter((one) => one.verdict === verdict).length
  const self = all.map((scored) => scored.self)
  const pages = all.map((scored) => scored.pages.shipped)
  const named = pages.map(({ ofWindows }) => [...ofWindows.values()].flat())
  const notifications = pages.map(({ ofIssuers }, index) => notificationsOf(named[index] ?? [], ofIssuers))
  const total = (count: (one: (typeof self)[number]) => number) => self.reduce((sum, one) => sum + count(one), 0)
  return [
    markdown([
      [
        'issuers',
        'down for good: one page',
        'many pages',
        'well, or soon: no page',
        'a page, and it had issued since',
        'nobody could tell',
      ],
      [issuers.length, ...(['one page', 'many pages', 'silent', 'false', 'unclear'] as const).map(number)].map(String),
    ]),
    markdown([['seed', 'fleets', 'windows', 'fewest of what befalls workloads'], ...seedsOf(all)]),
    markdown([
      ['fleets', 'workloads that were paged for', 'notifications, grouped and inhibited as shipped'],
      [
        all.length,
        pages.reduce((sum, { ofWindows }) => sum + ofWindows.size, 0),
        notifications.reduce((sum, one) => sum + one, 0),
      ].map((count) => count.toLocaleString('en')),
    ]),
    agreementTable(all),
    faultsTable(all),
    markdown([
      ['svidwatch gone or blind for long', 'true pages', 'false pages', 'missed'],
      ['', total(({ right }) => right), total(({ wrong }) => wrong.length), total(({ missed }) => missed)].map(String),
    ]),
  ].join('\n\n')
}

/** How the alerts of faults between renewals did. */
function faultsTable(all: readonly Scored[]): string {
  const judged = all.flatMap(({ faults }) => faults.judged)
  const wrong = all.flatMap(({ faults }) => faults.wrong)
  const row = (alert: string): readonly string[] => {
    const ofAlert = judged.filter(({ fault }) => fault.alert === alert)
    const count = (verdict: JudgedFault['verdict']) => ofAlert.filter((one) => one.verdict === verdict).length
    const falseOnes = wrong.filter(({ labels }) => labels.alertname === alert).length
    const afterS = ofAlert.flatMap(({ afterMs }) => afterMs ?? []).map((ms) => Math.round(ms / 1000))
    const [told, missed, either] = [count('told'), count('missed'), count('either')]
    return [
      alert,
      ...[ofAlert.length, either, told, missed, falseOnes].map((number) => number.toLocaleString('en')),
      percent(told, told + falseOnes),
      percent(told, told + missed),
      afterS.length === 0 ? '-' : `${Math.max(...afterS)} s`,
    ]
  }
  const head = ['faults between renewals', 'in scenes', 'either', 'told', 'missed', 'false', 'precision', 'recall']
  return markdown([[...head, 'told after its wait within'], ...faultAlerts.map(row)])
}

/** How often the diagnoses of svidwatch and the alerts agree. */
function agreementTable(all: readonly Scored[]): string {
  const counts = Map.groupBy(all.flatMap(({ judged }) => judged.shipped).map(agreementOf), (agreement) => agreement)
  const count = (agreement: Agreement) => (counts.get(agreement)?.length ?? 0).toLocaleString('en')
  return markdown([
    [
      'diagnosis and alert',
      'agree',
      'over before a scrape and an evaluation',
      'svidwatch out of reach meanwhile',
      'differ',
    ],
    ['windows', ...(['agree', 'short', 'dark', 'differ'] as const).map(count)],
  ])
}

/** How many windows there are with each seed, and of the case that has the fewest. */
function seedsOf(all: readonly Scored[]): readonly (readonly string[])[] {
  return Object.entries(Object.groupBy(all, ({ run }) => run.spec.plan)).map(([seed, fleets = []]) => {
    const kinds = fleets.flatMap(({ judged }) => judged.shipped).map(({ window }) => window.life.workload.kind)
    const counts = Map.groupBy(kinds, (kind) => kind)
    const fewest = Math.min(...Array.from(counts.values(), ({ length }) => length))
    return [seed, ...[fleets.length, kinds.length, fewest].map((count) => count.toLocaleString('en'))]
  })
}
