import type { KeyObject } from 'node:crypto'
import type { ReadCertificate } from './certificate.ts'

/**
 * Why a certificate is not signed by another one that has the name of its issuer: `other_key` if it is not said to be, since a CA
 * can have several keys; `damaged` if both have the same key identifier; `weak` if the signature is good, but peers do not accept
 * its algorithm.
 */
export type SignatureFault = 'other_key' | 'damaged' | 'weak'

/** Verifies the signature of a certificate with the key of another one; undefined if the signature is good. */
export function signatureFault(signed: ReadCertificate, issuer: ReadCertificate): SignatureFault | undefined {
  if (verifies(signed, issuer)) return signed.rules.isWeaklySigned ? 'weak' : undefined
  const { authorityKeyId } = signed.rules
  return authorityKeyId !== undefined && authorityKeyId === issuer.rules.subjectKeyId ? 'damaged' : 'other_key'
}

/** By the certificate that is signed, and by that of the issuer, as long as both are kept. Thousands of SVIDs come with the same ones. */
const remembered = new WeakMap<ReadCertificate, WeakMap<ReadCertificate, boolean>>()

function verifies(signed: ReadCertificate, issuer: ReadCertificate): boolean {
  const byIssuer = remembered.get(signed) ?? new WeakMap<ReadCertificate, boolean>()
  remembered.set(signed, byIssuer)
  const known = byIssuer.get(issuer)
  if (known !== undefined) return known
  const result = verify(signed, issuer)
  byIssuer.set(issuer, result)
  return result
}

/** By certificate, because node:crypto parses a key anew each time it is read. */
const keys = new WeakMap<ReadCertificate, KeyObject>()

function verify({ parsed }: ReadCertificate, issuer: ReadCertificate): boolean {
  try {
    const key = keys.get(issuer) ?? issuer.parsed.publicKey
    keys.set(issuer, key)
    return parsed.verify(key)
  } catch {
    // node:crypto throws if the key cannot be read, or is not of the signature's algorithm.
    return false
  }
}
