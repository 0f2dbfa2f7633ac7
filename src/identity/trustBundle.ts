import { periodsOf } from './certificate.ts'
import { firstToEnd, type Period } from './lifetime.ts'
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
  const periods = periodsFromPem(pem)
  if ('problem' in periods) return periods
  const newestNotAfterMs = Math.max(...periods.map(({ notAfterMs }) => notAfterMs))
  return { bundle: { certificates: periods.length, newestNotAfterMs } }
}

/** When that of the CA certificates of a PEM text is valid that ends first. */
export function firstToEndOfPem(pem: string): Period | undefined | NotCertificates {
  const periods = periodsFromPem(pem)
  return 'problem' in periods ? periods : firstToEnd(periods)
}

function periodsFromPem(pem: string): readonly Period[] | NotCertificates {
  const blocks = certificateBlocks(pem, maxCertificates)
  return 'problem' in blocks ? blocks : periodsOf(blocks, 1)
}
