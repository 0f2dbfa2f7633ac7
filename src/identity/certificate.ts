import { X509Certificate, hash } from 'node:crypto'
import type { Period } from './lifetime.ts'
import type { NotAnSvid } from './svidProblems.ts'

type NotACertificate = NotAnSvid<'malformed_certificate'>

/** Parses one PEM block; `position` (1 is the first of its text) is for the message. */
export function parseCertificate(block: string, position: number): X509Certificate | NotACertificate {
  const malformed = (detail: string) => ({ problem: 'malformed_certificate', detail }) as const
  try {
    const certificate = new X509Certificate(block)
    return isDated(certificate) ? certificate : malformed(`certificate ${position} has a validity that is no time`)
  } catch {
    return malformed(`certificate ${position} is not an X.509 certificate`)
  }
}

/** RFC 3339 and whoever reads it know no year 0. */
const firstMs = Date.parse('0001-01-01T00:00:00Z')

/** OpenSSL writes a time that is none in these words; the Date that Node.js makes of it is what happened to be in memory. */
const noTime = 'Bad time value'

function isDated({ validFrom, validTo, validFromDate, validToDate }: X509Certificate): boolean {
  if (validFrom === noTime || validTo === noTime) return false
  return validFromDate.getTime() >= firstMs && validToDate.getTime() >= firstMs
}

/** What is kept of a CA certificate. */
export interface CaCertificate {
  readonly period: Period
  /** SHA-256 of its DER, lower-case hex. */
  readonly fingerprint: string
}

/** Reads the CA certificates in some PEM blocks; `firstPosition` is that of the first one in its text. */
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

/** There are few CA certificates, and the same ones come with thousands of SVIDs: these share what was parsed once. */
const remembered = new Map<string, CaCertificate>()
const maxRemembered = 512

function rememberedCertificate(block: string, position: number): CaCertificate | NotACertificate {
  const key = hash('sha256', block)
  const known = remembered.get(key)
  if (known !== undefined) return known

  const parsed = parseCertificate(block, position)
  if ('problem' in parsed) return parsed
  const { raw, validFromDate, validToDate } = parsed
  const period = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
  const certificate = { period, fingerprint: hash('sha256', raw) }
  if (remembered.size === maxRemembered) remembered.clear()
  remembered.set(key, certificate)
  return certificate
}
