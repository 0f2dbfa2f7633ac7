import type { KeyObject, X509Certificate } from 'node:crypto'
import { parseCertificate } from './certificate.ts'
import { certificateBlocks } from './pem.ts'

/** A CA certificate that signs X.509-SVIDs. */
export interface X509Authority {
  /** The certificate's DER, base64. */
  readonly der: string
  /** Ms since the Unix epoch. */
  readonly notAfterMs: number
}

/** Why a text has no authorities. `detail` is one line. */
interface NotAnAuthority {
  readonly detail: string
}

const maxAuthorities = 1000

/** Parses an authority from the base64 (RFC 4648 section 4) of its DER. The authority may have expired. */
export function authorityFromDer(
  base64: string,
): { readonly authority: X509Authority; readonly publicKey: KeyObject } | NotAnAuthority {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return { detail: 'it is not base64' }
  const certificate = parseCertificate(pemOfDer(base64), 1)
  if ('problem' in certificate) return { detail: 'it is not an X.509 certificate' }
  if (!certificate.raw.equals(Buffer.from(base64, 'base64')))
    return { detail: 'it is not one certificate and nothing else' }
  const publicKey = publicKeyOf(certificate)
  if (publicKey === undefined) return { detail: 'its public key cannot be read' }
  const authority = authorityOf(certificate)
  return authority === undefined ? { detail: notCa } : { authority, publicKey }
}

/** Parses the authorities in a PEM text, at least one. */
export function authoritiesFromPem(pem: string): { readonly authorities: readonly X509Authority[] } | NotAnAuthority {
  const blocks = certificateBlocks(pem, maxAuthorities)
  if ('problem' in blocks) return { detail: blocks.detail }
  const authorities: X509Authority[] = []
  for (const [index, block] of blocks.entries()) {
    const certificate = parseCertificate(block, index + 1)
    if ('problem' in certificate) return { detail: certificate.detail }
    const authority = authorityOf(certificate)
    if (authority === undefined) return { detail: `certificate ${index + 1}: ${notCa}` }
    authorities.push(authority)
  }
  return { authorities }
}

/** Returns the PEM block of a certificate, given its DER in base64. */
export function pemOfDer(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}

/** node:crypto parses the key of a certificate only when it is read. */
function publicKeyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey
  } catch {
    return undefined
  }
}

const notCa = 'it is not a CA certificate that may sign others (basicConstraints, keyUsage)'

/** By X509-SVID sections 4.1 and 4.3, an authority has `cA`, and keyCertSign if it has a key usage. `ca` of node:crypto checks both. */
function authorityOf(certificate: X509Certificate): X509Authority | undefined {
  if (!certificate.ca) return undefined
  return {
    der: certificate.raw.toString('base64'),
    notAfterMs: certificate.validToDate.getTime(),
  }
}
