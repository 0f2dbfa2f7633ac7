import type { Authority } from './authority.ts'
import { caCertificatesOf, type CaCertificate } from './certificate.ts'
import { firstToEnd, type Period } from './lifetime.ts'
import { certificateBlocks } from './pem.ts'
import type { NotAnSvid } from './svidProblems.ts'

/** A summary of a trust bundle in PEM. */
export interface TrustBundle {
  /** The number of different certificates, at least one. */
  readonly certificates: number
  /**
   * What its certificates say, in ascending order of their fingerprints: the first `maxAuthorities`. Bundles of the same certificates
   * have the same authorities, whatever the order in their files.
   */
  readonly authorities: readonly Authority[]
  /** The largest notAfter of the certificates, ms since the Unix epoch. After it, the bundle verifies nothing. */
  readonly newestNotAfterMs: number
}

/** More than a trust domain has, and few enough for a line of findings. */
export const maxAuthorities = 64

type NotCertificates = NotAnSvid<'malformed_pem' | 'malformed_certificate'>

const maxCertificates = 1000

/** Parses a trust bundle in a PEM text. Returns its authorities beside it, for verdictOf; they are not to be kept. */
export function trustFromPem(
  pem: string,
): { readonly bundle: TrustBundle; readonly authorities: readonly CaCertificate[] } | NotCertificates {
  const certificates = certificatesFromPem(pem)
  return 'problem' in certificates
    ? certificates
    : { bundle: bundleOfCertificates(certificates), authorities: certificates }
}

/** Returns the summary of a trust bundle of these certificates, at least one. */
export function bundleOfCertificates(certificates: readonly CaCertificate[]): TrustBundle {
  const different = new Map(certificates.map((certificate) => [certificate.fingerprint, certificate]))
  const ordered = [...different.values()].sort((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1))
  return {
    certificates: ordered.length,
    authorities: ordered.slice(0, maxAuthorities).map(authorityOf),
    newestNotAfterMs: Math.max(...certificates.map(({ period }) => period.notAfterMs)),
  }
}

const authorityOf = ({ fingerprint, keyId, period }: CaCertificate): Authority => ({ fingerprint, keyId, ...period })

/** Returns the validity of the first CA certificate to expire in a PEM text. */
export function firstToEndOfPem(pem: string): Period | undefined | NotCertificates {
  const certificates = certificatesFromPem(pem)
  return 'problem' in certificates ? certificates : firstToEnd(certificates.map(({ period }) => period))
}

/** Parses the certificates in a PEM text: at least one, and at most `max`. */
export function certificatesFromPem(pem: string, max = maxCertificates): readonly CaCertificate[] | NotCertificates {
  const blocks = certificateBlocks(pem, max)
  return 'problem' in blocks ? blocks : caCertificatesOf(blocks, 1)
}
