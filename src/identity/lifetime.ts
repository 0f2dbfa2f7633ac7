/** When a certificate is valid, ms since the Unix epoch. */
export interface Period {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** That of the certificate that ends first; undefined where there is none. */
export function firstToEnd(periods: readonly Period[]): Period | undefined {
  const [first, ...others] = periods
  return first && others.reduce((one, other) => (other.notAfterMs < one.notAfterMs ? other : one), first)
}

/**
 * When the SVID is due for renewal, ms since the Unix epoch: when a third of its lifetime is left. This is the rule of
 * csi-driver-spiffe; SPIRE and spiffe-helper renew earlier (at half of the lifetime), so for them too it is the latest time.
 */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Period): number {
  return notAfterMs - Math.floor((notAfterMs - notBeforeMs) / 3)
}

export const svidStates = ['valid', 'renewal_overdue', 'expired'] as const
export type SvidState = (typeof svidStates)[number]

/** `notAfter` itself still belongs to the validity (RFC 5280 section 4.1.2.5). */
export function svidState(svid: Period, nowMs: number): SvidState {
  if (nowMs > svid.notAfterMs) return 'expired'
  return nowMs > renewalDueMs(svid) ? 'renewal_overdue' : 'valid'
}
