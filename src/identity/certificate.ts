import { X509Certificate, hash } from 'node:crypto'
import type { Period } from './lifetime.ts'
import type { NotAnSvid } from './svidProblems.ts'

type NotACertificate = NotAnSvid<'malformed_certificate'>

/** Parses one PEM block. `position` is its number in the text, from 1, for the message. */
export function parseCertificate(block: string, position: number): X509Certificate | NotACertificate {
  const malformed = (detail: string) => ({ problem: 'malformed_certificate', detail }) as const
  try {
    const certificate = new X509Certificate(block)
    return isDated(certificate)
      ? certificate
      : malformed(`certificate ${position} has a notBefore or notAfter that is not a time`)
  } catch {
    return malformed(`certificate ${position} is not an X.509 certificate`)
  }
}

/** Some readers of RFC 3339 have no year 0. */
const firstMs = Date.parse('0001-01-01T00:00:00Z')

/** OpenSSL's text for an invalid time, of which Node.js makes a Date from uninitialised memory. */
const invalidTime = 'Bad time value'

function isDated({ validFrom, validTo, validFromDate, validToDate }: X509Certificate): boolean {
  if (validFrom === invalidTime || validTo === invalidTime) return false
  return validFromDate.getTime() >= firstMs && validToDate.getTime() >= firstMs
}

/** What is kept of a certificate that is not a leaf. */
export interface CaCertificate {
  /** Whether it is that of a CA, and may sign others if it has a key usage. */
  readonly isCa: boolean
  readonly period: Period
  /** SHA-256 of its DER, lower-case hex. */
  readonly fingerprint: string
}

/**
 * Parses certificates of CAs in PEM blocks, which need not say that they are CAs. `firstPosition` is the number of the first block in
 * its text, from 1.
 */
export function caCertificatesOf(
  blocks: readonly string[],
  firstPosition: number,
): readonly CaCertificate[] | NotACertificate {
  const certificates: CaCertificate[] = []
  for (const [index, block] of blocks.entries()) {
    const certificate = rememberedCertificate(block, firstPosition + index)
    if ('problem' in certificate) return certificate
    certificates.push(certificate)
  }
  return certificates
}

/** By the SHA-256 of the PEM block. There are few CA certificates, and thousands of SVIDs come with the same ones. */
const remembered = new Map<string, CaCertificate>()
const maxRemembered = 512

function rememberedCertificate(block: string, position: number): CaCertificate | NotACertificate {
  const key = hash('sha256', block)
  const known = remembered.get(key)
  if (known !== undefined) return known

  const parsed = parseCertificate(block, position)
  if ('problem' in parsed) return parsed
  const { ca: isCa, raw, validFromDate, validToDate } = parsed
  const period = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
  const certificate = { isCa, period, fingerprint: hash('sha256', raw) }
  if (remembered.size === maxRemembered) remembered.clear()
  remembered.set(key, certificate)
  return certificate
}
