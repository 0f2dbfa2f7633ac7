import { systemClock } from '../../src/clock.ts'

/** The size of a run. */
export interface Size {
  readonly requests: number
  /** Besides the kills. */
  readonly faults: number
  readonly kills: number
  /** Requests that begin each second, at most. */
  readonly perSecond: number
  /** How long the API server is gone in an outage. */
  readonly outageMs: number
  readonly seed: number
}

interface Defaults extends Omit<Size, 'outageMs' | 'seed'> {
  readonly outageSeconds: number
}

/** What the environment says, and otherwise this; the seed is another one each time unless it is said. */
export function sizeFromEnvironment(defaults: Defaults): Size {
  const setting = (name: string, otherwise: number) => Number(process.env[`SVIDWATCH_TEST_${name}`] ?? otherwise)
  return {
    requests: setting('REQUESTS', defaults.requests),
    faults: setting('FAULTS', defaults.faults),
    kills: setting('KILLS', defaults.kills),
    perSecond: setting('REQUESTS_PER_SECOND', defaults.perSecond),
    outageMs: setting('OUTAGE_SECONDS', defaults.outageSeconds) * 1000,
    seed: setting('SEED', systemClock.now() % 1_000_000),
  }
}
