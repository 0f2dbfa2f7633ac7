import { DerError, derMember, derMembers, derTagged, derTags, derValue, type DerValue } from './der.ts'
import { derTimeMs } from './derTime.ts'
import { extensionOf, isCaConstraint, isSubjectAltName, isUri, namesOf } from './extensions.ts'
import { plainDer } from './pem.ts'

/** What is read of the certificate of a workload. Times are ms since the Unix epoch. */
export interface Leaf {
  readonly der: Buffer
  readonly uris: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/**
 * Reads the PEM block of a certificate that is as nearly all leaves are: well-formed where it is read, no CA, with nothing but
 * URIs among its alternative names. Any other one is undefined, and node:crypto has to say what it is. That takes five times as
 * long, most of it for the key, which nobody asks for: 3 s for the first list of 100,000 requests. What is not read, such as
 * that key, is not checked. The tests compare the two.
 */
export function plainLeaf(block: string): Leaf | undefined {
  const der = plainDer(block)
  if (der === undefined) return undefined
  try {
    return leafOf(der)
  } catch (thrown) {
    if (thrown instanceof DerError) return undefined
    throw thrown
  }
}

/** [0], the version, and [3], the extensions, of a TBSCertificate. */
const contextTags = { version: 0xa0, extensions: 0xa3 }

/** Certificate, RFC 5280 section 4.1; between key and extensions may be two more members. */
function leafOf(der: Buffer): Leaf | undefined {
  const [body, algorithm, signature, ...others] = derMembers(derValue(der), derTags.sequence, 'the certificate')
  derTagged(algorithm, derTags.sequence, 'the algorithm')
  // A signature is of whole octets. Where it is not, node:crypto takes the bits that are not there for zero.
  const unusedBits = derTagged(signature, derTags.bitString, 'the signature').content[0]
  const members = derMembers(body, derTags.sequence, 'the body')
  const [version, serial, signed, issuer, validity, subject, key] = members
  derTagged(version, contextTags.version, 'the version')
  derTagged(serial, derTags.integer, 'the serial number')
  for (const member of [signed, issuer, subject, key]) derTagged(member, derTags.sequence, 'a member of the body')
  const uris = urisOf(members.at(-1))
  if (uris === undefined || unusedBits !== 0 || others.length > 0) return undefined
  const [notBeforeMs, notAfterMs] = derMembers(validity, derTags.sequence, 'the validity').map(derTimeMs)
  return notBeforeMs === undefined || notAfterMs === undefined ? undefined : { der, uris, notBeforeMs, notAfterMs }
}

/** The names among extensions, where they are URIs; undefined for a CA, or where there is more to decide. */
function urisOf(explicit: DerValue | undefined): readonly string[] | undefined {
  const list = derMember(explicit, contextTags.extensions, 'the extensions')
  const extensions = derMembers(list, derTags.sequence, 'the list of extensions').map(extensionOf)
  const [names, ...others] = extensions.filter(isSubjectAltName).map(namesOf)
  if (others.length > 0 || !names?.every(isUri) || extensions.some(isCaConstraint)) return undefined
  return names.map(({ content }) => content.toString('latin1'))
}
