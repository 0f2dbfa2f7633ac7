import { X509Certificate, hash } from 'node:crypto'
import { certificateRules, type CertificateRules } from './certificateRules.ts'
import { keyIdOf } from './keyId.ts'
import type { Period } from './lifetime.ts'
import type { NotAnSvid } from './svidProblems.ts'

type NotACertificate = NotAnSvid<'malformed_certificate'>

/** Parses one PEM block, or DER. `position` is its number in the text or the chain, from 1, for the message. */
export function parseCertificate(source: string | Buffer, position: number): X509Certificate | NotACertificate {
  const malformed = (detail: string) => ({ problem: 'malformed_certificate', detail }) as const
  try {
    const certificate = new X509Certificate(source)
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

/** A certificate as signatures and paths are verified with it. */
export interface ReadCertificate {
  readonly period: Period
  /** SHA-256 of its DER, lower-case hex. */
  readonly fingerprint: string
  readonly parsed: X509Certificate
  readonly rules: CertificateRules
}

/** What is kept of a certificate that is not a leaf. */
export interface CaCertificate extends ReadCertificate {
  /** Whether it is that of a CA, and may sign others if it has a key usage. */
  readonly isCa: boolean
  /** See Authority.keyId. */
  readonly keyId: string
}

export function readCertificate(parsed: X509Certificate): ReadCertificate {
  const { raw, validFromDate, validToDate } = parsed
  const period = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
  return { period, fingerprint: hash('sha256', raw), parsed, rules: certificateRules(raw) }
}

/**
 * Parses certificates of CAs in PEM blocks or in DER, which need not say that they are CAs. `firstPosition` is the number of the first
 * one in its text or chain, from 1.
 */
export function caCertificatesOf(
  sources: readonly (string | Buffer)[],
  firstPosition: number,
): readonly CaCertificate[] | NotACertificate {
  const certificates: CaCertificate[] = []
  for (const [index, source] of sources.entries()) {
    const certificate = rememberedCertificate(source, firstPosition + index)
    if ('problem' in certificate) return certificate
    certificates.push(certificate)
  }
  return certificates
}

/**
 * Certificates of files, by the SHA-256 of their PEM blocks: there are few CAs, and thousands of SVIDs come with the same ones. What is
 * kept takes about seven times the length of its block. DER comes from servers and endpoints, and is not kept: anyone may present
 * new certificates without end, and large ones.
 */
const remembered = new Map<string, CaCertificate>()
const maxRemembered = 512
let rememberedLength = 0

/** The longest block that is kept, and the most characters of all of them. */
const maxLength = 8192
const maxTotalLength = 1_048_576

function rememberedCertificate(source: string | Buffer, position: number): CaCertificate | NotACertificate {
  if (typeof source !== 'string' || source.length > maxLength) return caCertificate(source, position)
  const key = hash('sha256', source)
  const known = remembered.get(key)
  if (known !== undefined) return known

  const certificate = caCertificate(source, position)
  if ('problem' in certificate) return certificate
  if (remembered.size === maxRemembered || rememberedLength + source.length > maxTotalLength) {
    remembered.clear()
    rememberedLength = 0
  }
  remembered.set(key, certificate)
  rememberedLength += source.length
  return certificate
}

function caCertificate(source: string | Buffer, position: number): CaCertificate | NotACertificate {
  const parsed = parseCertificate(source, position)
  if ('problem' in parsed) return parsed
  const certificate = readCertificate(parsed)
  return { ...certificate, isCa: parsed.ca, keyId: keyIdOf(certificate.rules) ?? certificate.fingerprint }
}
