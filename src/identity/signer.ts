import type { CaCertificate } from './certificate.ts'
import { certificateParts } from './certificateParts.ts'
import { DerError, DerReader, derTags } from './der.ts'
import { extensionFrom, isAuthorityKeyId, keyIdentifierOf, type Extension } from './extensions.ts'
import { boundedKeyId } from './keyId.ts'

/** Whom a certificate names as its issuer. */
export interface Signer {
  /** The DER of the issuer's name, one character for each octet. */
  readonly issuer: string
  /** The authority key identifier, lower-case hex; undefined if there is none. */
  readonly authorityKeyId: string | undefined
}

/** Returns whom a certificate that node:crypto has parsed names as its issuer; no one if that cannot be read. */
export function signerOf(der: Buffer): Signer | undefined {
  try {
    const { issuer, extensions } = certificateParts(der)
    const list = extensions && DerReader.ofMembers(extensions).inside(derTags.sequence, 'the list of extensions')
    return signerIn(issuer.content, list?.all(extensionFrom) ?? [])
  } catch (thrown) {
    if (thrown instanceof DerError) return undefined
    throw thrown
  }
}

/** Returns the signer of a certificate with this name of its issuer and these extensions. Throws DerError. */
export function signerIn(issuer: Buffer, extensions: readonly Extension[]): Signer {
  const extension = extensions.findLast(isAuthorityKeyId)
  const keyId = extension && keyIdentifierOf(extension)
  return { issuer: issuer.toString('latin1'), authorityKeyId: keyId?.content.toString('hex') }
}

/**
 * Returns the key identifier of the authority at the end of the path that leads from a certificate through those behind it: that of a
 * self-signed certificate there, else the authority key identifier of the last certificate. Undefined if there is none. Names and key
 * identifiers lead the way; signatures are not verified.
 */
export function authorityAbove(leaf: Signer, behind: readonly CaCertificate[]): string | undefined {
  const left = new Set(behind)
  let signer = leaf
  for (;;) {
    const above = issuerAmong(left, signer)
    if (above === undefined) return boundedKeyId(signer.authorityKeyId)
    if (isSelfSigned(above)) return above.keyId
    left.delete(above)
    signer = above.rules
  }
}

/** Returns the certificate with the issuer's name. One that the key identifiers name comes first; one that they deny is none. */
function issuerAmong(certificates: Iterable<CaCertificate>, signer: Signer): CaCertificate | undefined {
  let found: CaCertificate | undefined
  for (const certificate of certificates) {
    const { subject, key, subjectKeyId } = certificate.rules
    if (key === '' || subject !== signer.issuer) continue
    if (subjectKeyId !== undefined && subjectKeyId === signer.authorityKeyId) return certificate
    if (subjectKeyId === undefined || signer.authorityKeyId === undefined) found ??= certificate
  }
  return found
}

function isSelfSigned({ rules: { subject, issuer, subjectKeyId, authorityKeyId } }: CaCertificate): boolean {
  return subject === issuer && (authorityKeyId === undefined || authorityKeyId === subjectKeyId)
}
