import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'yaml'
import { faultAlerts } from '../world/faults.ts'
import { phases, type TimeLine } from './prometheus.ts'
import { notation } from './samples.ts'

/**
 * A page that begins, or an alert of a fault: an alert of severity critical, or one of `faultAlerts`, fires that did not fire one
 * evaluation earlier.
 */
export interface Firing {
  /** The number of its time line. */
  readonly line: number
  readonly labels: Readonly<Record<string, string>>
  /** True time, ms since the Unix epoch. */
  readonly atMs: number
}

/** Has promtool evaluate rule files over time lines, as a Prometheus does whose clock is ahead by `skewMs`. */
export async function evaluate(
  ruleFiles: readonly string[],
  lines: readonly TimeLine[],
  skewMs: number,
): Promise<readonly Firing[]> {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-paging-'))
  try {
    const file = join(folder, 'test.yaml')
    await pipeline(Readable.from(testFile(ruleFiles, lines, skewMs)), createWriteStream(file))
    return firingsIn(await run(file), lines)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The groups of the rule files, in their order: promtool evaluates them so. */
function groupsOf(ruleFiles: readonly string[]): readonly string[] {
  return ruleFiles.flatMap((file) =>
    (parse(readFileSync(file, 'utf8')) as { groups: { name: string }[] }).groups.map(({ name }) => name),
  )
}

function* testFile(ruleFiles: readonly string[], lines: readonly TimeLine[], skewMs: number): Iterable<string> {
  const intervalS = (lines[0]?.intervalMs ?? 0) / 1000
  yield `rule_files: ${JSON.stringify(ruleFiles)}\n`
  yield `evaluation_interval: ${intervalS}s\ngroup_eval_order: ${JSON.stringify(groupsOf(ruleFiles))}\ntests:\n`
  for (const [index, { scene, columns }] of lines.entries()) {
    yield `- interval: ${intervalS / phases}s\n  start_timestamp: ${(scene.fromMs + skewMs) / 1000}\n  input_series:\n`
    for (const [series, column] of columns) yield `  - series: '${series}'\n    values: '${notation(column)}'\n`
    yield '  promql_expr_test:\n'
    const alerts = (which: string) => `ALERTS{alertstate="firing",${which},line!="${index}"}`
    const begun = (which: string) => `${alerts(which)} unless ${alerts(which)} offset ${intervalS}s`
    const expressions = [
      `${begun('severity="critical"')} or ${begun(`alertname=~"${faultAlerts.join('|')}"`)}`,
      ...Array.from(collective, (alert) => toldNow(alert, index, intervalS)),
    ]
    for (let atS = 0; atS < (scene.toMs - scene.fromMs) / 1000; atS += intervalS)
      for (const expression of expressions) yield `  - expr: ${expression}\n    eval_time: ${atS}s\n`
  }
}

/** The alerts of severity critical that tell of many workloads without their names. */
export const collective: ReadonlySet<string> = new Set(['SVIDIssuanceDown', 'SPIFFEIncident', 'SVIDsExpiringSoon'])

const missed = 'spiffe:svid_renewal_missed:not_after_timestamp_seconds'
const place = 'on (namespace, pod, volume)'

/** The workloads of which such an alert tells, with what it asks for: series with the offset, if any, and so many seconds ago. */
const toldBy: Readonly<Record<string, (offset: string, ago: number) => string>> = {
  SVIDIssuanceDown: (offset, ago) =>
    `spiffe_problem_since_timestamp_seconds{explained_by="issuer_down",muted=""}${offset} <= time() - ${ago} and on (issuer)`,
  SPIFFEIncident: (offset, ago) =>
    `spiffe_problem_since_timestamp_seconds{code=~"renewal_missed|expired",explained_by="incident",muted=""}${offset} <= time() - ${ago} and on ()`,
  SVIDsExpiringSoon: (offset) =>
    `${missed}${offset} unless ${place} spiffe:svid_expiring_soon:expiry_seconds${offset} and on ()`,
}

/** Asks for the workloads of which an alert tells without their names, and did not one evaluation earlier. */
function toldNow(alert: string, line: number, intervalS: number): string {
  const told = (offset: string, ago: number) =>
    [
      `max by (spiffe_id, namespace, pod, volume, node, issuer) (`,
      toldBy[alert]?.(offset, ago),
      ` ALERTS{alertname="${alert}",alertstate="firing",line!="${line}"}${offset})`,
    ].join('')
  const begun = `${told('', 0)} unless ${told(` offset ${intervalS}s`, intervalS)}`
  return `label_replace(${begun}, "alertname", "${alert}", "", "")`
}

async function run(file: string): Promise<string> {
  const promtool = spawn('promtool', ['test', 'rules', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const failed = once(promtool, 'error').then(([error]) => {
    throw new Error(`promtool, of Prometheus 3.10 or newer, must be on the PATH: ${String(error)}`)
  })
  const ended = Promise.all([text(promtool.stdout), text(promtool.stderr), once(promtool, 'close')])
  const [output, errors] = await Promise.race([ended, failed])
  const said = output + errors
  if (!/^\s*(FAILED:|SUCCESS|$)/.test(said) || /: (error|could not|parse|yaml)/.test(said.slice(0, 400)))
    throw new Error(`promtool could not evaluate the rules:\n${said.slice(0, 4000)}`)
  return said
}

/** What promtool tells of each expression: that something begins to fire is no expected result, so that it says all of it. */
function firingsIn(output: string, lines: readonly TimeLine[]): readonly Firing[] {
  return output.split(/^\s+expr: /m).flatMap((report) => {
    const [, line = '', time = '', got = ''] =
      /line!=\\"(\d+)\\".*, time: (\w+),\n.*\n\s+got: (.*)$/m.exec(report) ?? []
    if (got === '' || got === 'nil') return []
    const from = lines[Number(line)]?.scene.fromMs ?? NaN
    const atMs = from + durationMs(time)
    return Array.from(got.matchAll(/\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\} \S+/g), ([, labels = '']) => ({
      line: Number(line),
      labels: labelsIn(labels),
      atMs,
    }))
  })
}

/** The labels of a series. */
export const labelsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, name = '', value = '']) => [name, value]),
  )

const unitsMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

const durationMs = (text: string): number =>
  Array.from(text.matchAll(/(\d+)([a-z]+)/g), ([, count, unit = '']) => Number(count) * (unitsMs[unit] ?? NaN)).reduce(
    (sum, part) => sum + part,
    0,
  )
