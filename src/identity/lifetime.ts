/** The validity of a certificate, ms since the Unix epoch. */
export interface Period {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Returns the period that ends first; undefined if there are none. */
export function firstToEnd(periods: readonly Period[]): Period | undefined {
  const [first, ...others] = periods
  return first && others.reduce((one, other) => (other.notAfterMs < one.notAfterMs ? other : one), first)
}

export const svidStates = ['valid', 'renewal_overdue', 'expired'] as const
export type SvidState = (typeof svidStates)[number]

/** Returns the state of an SVID whose renewal is due at `dueMs`. The SVID is still valid at `notAfter` (RFC 5280 section 4.1.2.5). */
export function svidState(notAfterMs: number, dueMs: number, nowMs: number): SvidState {
  if (nowMs > notAfterMs) return 'expired'
  return nowMs > dueMs ? 'renewal_overdue' : 'valid'
}
