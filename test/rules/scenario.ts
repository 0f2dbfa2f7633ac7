import { stringify } from 'yaml'
import { judgedSeries, type Svidwatch } from './judged.ts'
import { alertLabels, asShipped, scrapedLabels, type Scraped } from './scraped.ts'

type Labels = Readonly<Record<string, string>>

/** One sample; `stale` is what Prometheus writes where a series has ended, undefined is no sample at all. */
export type Sample = number | 'stale' | undefined

export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The sample that is scraped at a time. All times are in seconds, and begin at 0. */
  readonly at: (t: number) => Sample
  /** The svidwatch that the series is of, in one of its series. */
  readonly svidwatch?: Svidwatch
}

/** An alert that fires, with all of its labels. */
export interface Firing {
  readonly alert: string
  readonly severity: string
  readonly labels: Readonly<Record<string, string>>
}

/** What a Prometheus sees over a short while, and all the alerts that fire at some moments of it. */
export interface Scenario {
  readonly name: string
  /** The interval of scrapes (15 s). */
  readonly scrape?: number
  /** How often rules are evaluated (15 s); all of those of one file alike. */
  readonly evaluation?: number
  /** How svidwatch is scraped, where that is what the scenario is about. Its alerts are then as Prometheus has them. */
  readonly scraped?: Scraped
  readonly series: readonly Series[]
  readonly moments: readonly (readonly [at: number, ...firing: readonly Firing[]])[]
  /** What all notifications of one alert say, word for word. */
  readonly says?: readonly {
    readonly at: number
    readonly firing: Firing
    readonly summary: string
    readonly description: string
  }[]
}

/** Scenarios that can stand in one file, so many at a time at most. */
export const batchesOf = (scenarios: readonly Scenario[], size: number): readonly (readonly Scenario[])[] =>
  Object.values(Object.groupBy(scenarios, ({ evaluation }) => evaluation ?? 0)).flatMap((all = []) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size)),
  )

/**
 * A file of promtool's unit tests. `isTested` chooses the alerts that matter; `scraped` says how svidwatch is scraped where scenarios
 * do not.
 */
export function testFile(
  rules: string,
  scenarios: readonly Scenario[],
  isTested: (alert: string) => boolean = () => true,
  scraped = asShipped,
): string {
  const tests = scenarios.map((scenario) => testOf(scenario, isTested, scraped))
  const { evaluation = 15 } = scenarios[0] ?? {}
  return stringify({ rule_files: [rules], evaluation_interval: `${evaluation}s`, tests }, { lineWidth: 0 })
}

function testOf(scenario: Scenario, isTested: (alert: string) => boolean, shippedScrape: Scraped) {
  const { name, scrape = 15, scraped = shippedScrape, series, moments, says = [] } = scenario
  const labelsOf = (labels: Labels) => (scenario.scraped ? labels : alertLabels(labels, scraped))
  const end = Math.max(...moments.map(([at]) => at), ...says.map(({ at }) => at))
  const times = Array.from({ length: Math.floor(end / scrape) + 1 }, (_, index) => index * scrape)
  return {
    name,
    interval: `${scrape}s`,
    input_series: [...series, ...judgedSeries(series, times)].map(({ name: metric, labels, at }) => ({
      series: `${metric}${labelText(scrapedLabels(labels, scraped))}`,
      values: times.map((t) => String(at(t) ?? '_')).join(' '),
    })),
    promql_expr_test: moments.map(([at, ...firing]) => ({
      expr: firingAlerts,
      eval_time: `${at}s`,
      exp_samples: firing
        .filter(({ alert }) => isTested(alert))
        .map((one) => sampleOf({ ...one, labels: labelsOf(one.labels) })),
    })),
    alert_rule_test: Object.values(
      Object.groupBy(
        says.filter(({ firing }) => isTested(firing.alert)),
        ({ at, firing }) => `${at} ${firing.alert}`,
      ),
    ).map((together = []) => ({
      eval_time: `${together[0]?.at ?? 0}s`,
      alertname: together[0]?.firing.alert,
      exp_alerts: together.map(({ firing: { alert, severity, labels }, summary, description }) => ({
        exp_labels: { severity, ...given(labelsOf(labels)) },
        exp_annotations: { summary, description, runbook_url: runbookOf(alert) },
      })),
    })),
  }
}

/** SvidwatchAlive always fires; it has a scenario of its own. */
const firingAlerts = 'ALERTS{alertstate="firing",alertname!="SvidwatchAlive"}'

const sampleOf = ({ alert, severity, labels }: Firing) => ({
  labels: `ALERTS${labelText({ alertname: alert, alertstate: 'firing', severity, ...labels })}`,
  value: 1,
})

const runbookOf = (alert: string) => `https://github.com/svidwatch/svidwatch/blob/main/docs/runbooks/${alert}.md`

/** An empty label and a missing one are the same. */
const given = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))

const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(given(labels))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`
