import type { FleetRun } from '../fleet.ts'

/**
 * Returns when `ms` have passed since `atMs`, and since svidwatch last was gone, or blind to the API or the node; `anewMs` more have to
 * pass after that, if it ended less than `anewMs` before `atMs`.
 */
export function inLight({ dark, spec }: FleetRun, node: string, atMs: number, ms: number, anewMs = 0): number {
  const covers = new Set(['targets', 'beginning', 'api', node])
  let lightMs = atMs
  for (const { of, fromMs, toMs } of dark.toSorted((one, other) => one.fromMs - other.fromMs))
    if (covers.has(of) && fromMs <= lightMs + ms && toMs + 2 * spec.intervalMs > atMs - anewMs)
      lightMs = Math.max(lightMs, toMs + anewMs)
  return lightMs + ms
}
