import { labelsIn } from '../paging/prometheus/promtool.ts'
import { notation, readSamples, type Column } from '../paging/prometheus/samples.ts'
import { TargetSeries } from '../paging/prometheus/targetSeries.ts'
import { shippedRules, testRules } from '../rules/promtool.ts'
import { scrapeMs } from './svidwatch.ts'

/** An alert with all of its labels. */
export type Alert = Readonly<Record<string, string>>

/** The alerts of the shipped rules over some scrapes. */
export interface Alerts {
  /** Those that fire at the end. */
  readonly firing: readonly Alert[]
  /** Those of severity critical that have fired at any time. */
  readonly pages: readonly Alert[]
}

/** Returns the alerts of a Prometheus that made these scrapes. The last one was made at `endMs`, ms since the Unix epoch. */
export function alertsOver(scrapes: readonly string[], endMs: number): Alerts {
  const firing = 'ALERTS{alertstate="firing",alertname!="SvidwatchAlive"}'
  const pages = `last_over_time(ALERTS{alertstate="firing",severity="critical"}[1d])`
  const intervalS = scrapeMs / 1000
  const lastS = (scrapes.length - 1) * intervalS
  const expressions = [firing, pages].map((expr) => ({ expr, eval_time: `${lastS}s` }))
  const input_series = Array.from(seriesOf(scrapes), ([series, column]) => ({ series, values: notation(column) }))
  const { output } = testRules(
    JSON.stringify({
      rule_files: [shippedRules],
      evaluation_interval: `${intervalS}s`,
      tests: [
        {
          interval: `${intervalS}s`,
          start_timestamp: endMs / 1000 - lastS,
          input_series,
          promql_expr_test: expressions,
        },
      ],
    }),
  )
  return { firing: told(output, firing), pages: told(output, pages) }
}

function seriesOf(scrapes: readonly string[]): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>()
  const target = new TargetSeries(columns, 'instance="svidwatch:9797",job="svidwatch"')
  for (const [step, text] of scrapes.entries()) {
    target.begin()
    target.put('up', step, 1)
    readSamples(
      text,
      () => true,
      (series, value) => target.put(series, step, value),
    )
    target.end(step)
  }
  return columns
}

/** Returns the series that promtool has found for an expression. It names them because none are expected. */
function told(output: string, expression: string): readonly Alert[] {
  const isEvaluated = /^\s*SUCCESS$|^\s+expr: /m.test(output)
  if (!isEvaluated) throw new Error(`promtool cannot evaluate the rules:\n${output.slice(0, 4000)}`)
  const report = output.split(/^\s+expr: /m).find((part) => part.startsWith(`${JSON.stringify(expression)},`))
  const [, got = ''] = /\n\s+got: (.*)$/m.exec(report ?? '') ?? []
  return Array.from(got.matchAll(/\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\} \S+/g), ([, labels = '']) => labelsIn(labels))
}
