import type { Chance } from '../paging/chance.ts'
import { minuteMs, secondMs } from './world.ts'

/** What a call of the API may come to. A time-out is one after which the call was done, or was not. */
export type Fault = 'none' | '429' | '500' | 'time-out, not done' | 'time-out, done'

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** What goes wrong around the watchdog. */
export interface Troubles {
  /** The share of API calls that fail. */
  readonly faults: number
  /** The share of steps at which a leader dies, and at which it stands still. */
  readonly kills: number
  readonly pauses: number
  /** The longest time that what is seen takes, ms. */
  readonly delayMs: number
  /** When the API server is down, and when nothing of a third of the nodes is seen. */
  readonly apiOutage: Span | undefined
  readonly blindness: Span | undefined
  /** When somebody has forbidden all acts by the kill switch. */
  readonly forbidden: Span | undefined
}

export const troublesOf = (chance: Chance): Troubles => ({
  faults: chance.happens(0.4) ? chance.between(0.01, 0.15) : 0,
  kills: chance.happens(0.4) ? chance.between(0.005, 0.05) : 0,
  pauses: chance.happens(0.2) ? chance.between(0.005, 0.03) : 0,
  delayMs: chance.happens(0.3) ? chance.between(2, 5) * minuteMs : chance.between(5, 40) * secondMs,
  apiOutage: chance.happens(0.15) ? spanOf(chance) : undefined,
  blindness: chance.happens(0.15) ? spanOf(chance) : undefined,
  forbidden: chance.happens(0.15) ? spanOf(chance) : undefined,
})

function spanOf(chance: Chance): Span {
  const fromMs = chance.between(20, 80) * minuteMs
  return { fromMs, toMs: fromMs + chance.between(2, 25) * minuteMs }
}

export const isIn = (span: Span | undefined, nowMs: number): boolean =>
  span !== undefined && nowMs >= span.fromMs && nowMs < span.toMs

/** Returns what the next call of the API comes to. */
export function faultOf(chance: Chance, { faults, apiOutage }: Troubles, nowMs: number): Fault {
  if (isIn(apiOutage, nowMs)) return 'time-out, not done'
  return faults > 0 && chance.happens(faults)
    ? chance.oneOf(['429', '500', 'time-out, not done', 'time-out, done'])
    : 'none'
}
