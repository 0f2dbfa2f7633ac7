import { labelsIn, type Firing } from './promtool.ts'
import { phases, type TimeLine } from './prometheus.ts'
import type { Column } from './samples.ts'

/** A rule that is a threshold of the time left, and nothing else. */
export interface Threshold {
  readonly alertname: string
  readonly seconds: number
  readonly forMs: number
}

/** A sample counts for so long, where no later one comes. */
const lookbackMs = 300_000
const metric = 'spire_svid_expiry_seconds'

/** When `spire_svid_expiry_seconds < seconds` begins to fire. There are as many of these alerts as SVIDs: promtool would take minutes. */
export function firingsOf({ alertname, seconds, forMs }: Threshold, lines: readonly TimeLine[]): readonly Firing[] {
  return lines.flatMap((line, index) =>
    [...line.columns]
      .filter(([series]) => series.startsWith(`${metric}{`))
      .flatMap(([series, column]) => {
        const labels = { ...labelsIn(series), alertname }
        return beginnings(line, column, seconds, forMs).map((atMs) => ({ line: index, labels, atMs }))
      }),
  )
}

/**
 * Each evaluation sees the last sample, unless it is too old or the series has ended. An alert that goes on firing for a newer
 * SVID is a page for that one too.
 */
function beginnings(
  { scene, intervalMs }: TimeLine,
  column: Column,
  seconds: number,
  forMs: number,
): readonly number[] {
  const found: number[] = []
  let sinceMs: number | undefined
  let fires = false
  let before = Infinity
  let last: { readonly step: number; readonly value: number } | undefined
  const stepMs = intervalMs / phases
  for (let atMs = scene.fromMs, step = 0; atMs < scene.toMs; atMs += intervalMs) {
    for (; scene.fromMs + step * stepMs <= atMs; step += 1) {
      const sample = column[step]
      if (sample !== undefined) last = sample === 'stale' ? undefined : { step, value: sample }
    }
    const isSeen = last !== undefined && atMs - scene.fromMs - last.step * stepMs < lookbackMs
    if (!isSeen || last === undefined || last.value >= seconds) {
      sinceMs = undefined
      fires = false
      continue
    }
    sinceMs ??= atMs
    const isRenewed = last.value > before
    before = last.value
    if (atMs - sinceMs >= forMs && (!fires || isRenewed)) {
      fires = true
      found.push(atMs)
    }
  }
  return found
}
