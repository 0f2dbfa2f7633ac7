import { hash } from 'node:crypto'
import { maxKeyIdLength } from './authority.ts'
import type { CertificateRules } from './certificateRules.ts'
import { DerError, DerReader, derTags } from './der.ts'

/** Returns a key identifier, in hex, as it is compared and shown; undefined for one without octets. See `maxKeyIdLength`. */
export function boundedKeyId(hex: string | undefined): string | undefined {
  if (hex === undefined || hex === '') return undefined
  return sharedKeyId(hex.length <= maxKeyIdLength ? hex : hash('sha256', Buffer.from(hex, 'hex')))
}

/** More authorities than a cluster has. The table is emptied when it is full, and fills again. */
const maxShared = 1_024

const shared = new Map<string, string>()

/** Returns the shared string that is equal to a key identifier, because thousands of SVIDs name the same authority. */
export function sharedKeyId(keyId: string): string {
  const known = shared.get(keyId)
  if (known !== undefined) return known
  if (shared.size === maxShared) shared.clear()
  shared.set(keyId, keyId)
  return keyId
}

/** Returns the key identifier of a certificate as in Authority.keyId; undefined if its key cannot be read. */
export const keyIdOf = ({ subjectKeyId, key }: Pick<CertificateRules, 'subjectKeyId' | 'key'>): string | undefined =>
  boundedKeyId(subjectKeyId) ?? digestOfKey(Buffer.from(key, 'latin1'))

/** Returns the SHA-1 of the key in the content of a SubjectPublicKeyInfo (RFC 5280 section 4.2.1.2, method 1). */
function digestOfKey(content: Buffer): string | undefined {
  try {
    const members = DerReader.ofBytes(content)
    members.next(derTags.sequence, 'the algorithm of the key')
    const key = members.next(derTags.bitString, 'the key').content
    // The first octet is the number of bits that the last one does not use.
    return key.length < 2 ? undefined : hash('sha1', key.subarray(1))
  } catch (thrown) {
    if (thrown instanceof DerError) return undefined
    throw thrown
  }
}
