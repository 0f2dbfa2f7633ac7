import assert from 'node:assert/strict'
import { wrongLabelValues } from '../../support/exposition.ts'

const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`
const sample = new RegExp(
  String.raw`^[a-zA-Z_:][\w:]*(?:\{${label}(?:,${label})*\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|\+Inf)$`,
)

/**
 * A text of Prometheus' format 0.0.4 that every reader takes: each line is a comment or a sample, no series is there twice, and the
 * values of labels are as the catalogue declares them.
 */
export function assertExposition(text: string): void {
  assert.ok(text.endsWith('\n'))
  const series = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    if (/^# (HELP|TYPE) [a-zA-Z_:][\w:]* ./.test(line)) continue
    assert.match(line, sample)
    const name = line.slice(0, line.lastIndexOf(' '))
    assert.ok(!series.has(name), `${name} is there twice`)
    series.add(name)
  }
  assert.deepEqual(wrongLabelValues(text), [])
}

/** What was refused of one source, by reason; what was never refused is left out. */
export function refusals(text: string, source: string): Readonly<Record<string, number>> {
  const counts = text.matchAll(
    new RegExp(`^svidwatch_rejected_inputs_total\\{source="${source}",reason="(\\w+)"\\} (\\d+)$`, 'gm'),
  )
  return Object.fromEntries(
    [...counts].map(([, reason = '', count]) => [reason, Number(count)] as const).filter(([, count]) => count > 0),
  )
}

/** How often each of these reasons is there. */
export function tally(reasons: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length] as const),
  )
}
