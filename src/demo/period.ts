import { X509Certificate } from 'node:crypto'

/** When a certificate is valid, ms since the Unix epoch. */
export interface Period {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Of the first certificate in a PEM text. Throws when there is none. */
export function periodOf(certificatePem: string): Period {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem)
  return { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
}

/** When csi-driver-spiffe renews: as soon as a third of the lifetime is left. */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Period): number {
  return notAfterMs - (notAfterMs - notBeforeMs) / 3
}
