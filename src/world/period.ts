import { X509Certificate } from 'node:crypto'
import type { Period } from '../identity/lifetime.ts'

/** Of the first certificate in a PEM text. Throws when there is none. */
export function periodOf(certificatePem: string): Period {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem)
  return { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
}
