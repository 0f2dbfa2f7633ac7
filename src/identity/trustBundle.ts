import { caCertificatesOf, type CaCertificate } from './certificate.ts'
import { firstToEnd, type Period } from './lifetime.ts'
import { certificateBlocks } from './pem.ts'
import type { NotAnSvid } from './svidProblems.ts'

/** A summary of a trust bundle in PEM. */
export interface TrustBundle {
  /** The number of different certificates, at least one. */
  readonly certificates: number
  /**
   * The SHA-256 of the DER of each certificate, lower-case hex, in ascending order: the first `maxFingerprints`. Bundles of the
   * same certificates have the same fingerprints, whatever the order in their files.
   */
  readonly fingerprints: readonly string[]
  /** The largest notAfter of the certificates, ms since the Unix epoch. After it, the bundle verifies nothing. */
  readonly newestNotAfterMs: number
}

/** More fingerprints than a trust domain has authorities, and few enough for a line of findings. */
export const maxFingerprints = 64

type NotCertificates = NotAnSvid<'malformed_pem' | 'malformed_certificate'>

const maxCertificates = 1000

/** Parses a trust bundle in a PEM text. */
export function bundleFromPem(pem: string): { readonly bundle: TrustBundle } | NotCertificates {
  const certificates = certificatesFromPem(pem)
  if ('problem' in certificates) return certificates
  const fingerprints = [...new Set(certificates.map(({ fingerprint }) => fingerprint))].sort()
  return {
    bundle: {
      certificates: fingerprints.length,
      fingerprints: fingerprints.slice(0, maxFingerprints),
      newestNotAfterMs: Math.max(...certificates.map(({ period }) => period.notAfterMs)),
    },
  }
}

/** Returns the validity of the first CA certificate to expire in a PEM text. */
export function firstToEndOfPem(pem: string): Period | undefined | NotCertificates {
  const certificates = certificatesFromPem(pem)
  return 'problem' in certificates ? certificates : firstToEnd(certificates.map(({ period }) => period))
}

function certificatesFromPem(pem: string): readonly CaCertificate[] | NotCertificates {
  const blocks = certificateBlocks(pem, maxCertificates)
  return 'problem' in blocks ? blocks : caCertificatesOf(blocks, 1)
}
