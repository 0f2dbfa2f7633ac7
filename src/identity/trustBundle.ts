import { notAftersMs } from './certificate.ts'
import { certificateBlocks } from './pem.ts'
import type { NotAnSvid } from './svidProblems.ts'

/** What a trust bundle says, as values. */
export interface TrustBundle {
  readonly certificates: number
  /** The largest notAfter of its certificates, ms since the Unix epoch: after it, the bundle verifies nothing. */
  readonly newestNotAfterMs: number
}

type NotCertificates = NotAnSvid<'malformed_pem' | 'malformed_certificate'>

const maxCertificates = 1000

/** Reads a trust bundle from a PEM text. */
export function bundleFromPem(pem: string): { readonly bundle: TrustBundle } | NotCertificates {
  const notAfters = notAftersFromPem(pem)
  if ('problem' in notAfters) return notAfters
  return { bundle: { certificates: notAfters.length, newestNotAfterMs: Math.max(...notAfters) } }
}

/** When the first of the CA certificates of a PEM text ends, ms since the Unix epoch. */
export function smallestNotAfterMs(pem: string): { readonly notAfterMs: number } | NotCertificates {
  const notAfters = notAftersFromPem(pem)
  if ('problem' in notAfters) return notAfters
  return { notAfterMs: Math.min(...notAfters) }
}

function notAftersFromPem(pem: string): readonly number[] | NotCertificates {
  const blocks = certificateBlocks(pem, maxCertificates)
  return 'problem' in blocks ? blocks : notAftersMs(blocks, 1)
}
