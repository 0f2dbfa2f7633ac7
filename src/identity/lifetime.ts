import type { X509Svid } from './x509Svid.ts'

/**
 * When the SVID is due for renewal, ms since the Unix epoch: when a third of its lifetime is left. This is the rule of
 * csi-driver-spiffe; SPIRE and spiffe-helper renew earlier (at half of the lifetime), so for them too it is the latest time.
 */
export function renewalDueMs({ notBeforeMs, notAfterMs }: X509Svid): number {
  return notAfterMs - Math.floor((notAfterMs - notBeforeMs) / 3)
}

export type SvidState = 'valid' | 'renewal_overdue' | 'expired'

/** `notAfter` itself still belongs to the validity (RFC 5280 section 4.1.2.5). */
export function svidState(svid: X509Svid, nowMs: number): SvidState {
  if (nowMs > svid.notAfterMs) return 'expired'
  return nowMs > renewalDueMs(svid) ? 'renewal_overdue' : 'valid'
}
