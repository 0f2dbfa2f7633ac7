import { DerError, DerReader, derTags } from './der.ts'
import { derTimeMs } from './derTime.ts'
import { extensionFrom, isCaConstraint, isSubjectAltName, isUri, namesOf } from './extensions.ts'
import { plainDer } from './pem.ts'

/** The parts of a workload's certificate that are read. Times are ms since the Unix epoch. */
export interface Leaf {
  readonly der: Buffer
  readonly uris: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/**
 * Parses a block of `certificateBlocks` that is like nearly all leaves: well-formed where it is read, not a CA, and with only
 * URIs as alternative names. Returns undefined for any other block, which has to be parsed by node:crypto. node:crypto takes more
 * than ten times as long, 2 s for the first list of 100,000 requests, mostly for the key, which is not needed. Parts that are not
 * read, such as the key, are not checked. The tests compare both parsers.
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

/** The tags [0], of the version, and [3], of the extensions, in a TBSCertificate. */
const contextTags = { version: 0xa0, extensions: 0xa3 }

/** Parses a Certificate (RFC 5280 section 4.1). */
function leafOf(der: Buffer): Leaf | undefined {
  const whole = DerReader.ofBytes(der)
  const certificate = whole.inside(derTags.sequence, 'the certificate')
  const body = certificate.inside(derTags.sequence, 'the body')
  certificate.next(derTags.sequence, 'the algorithm')
  const signature = certificate.next(derTags.bitString, 'the signature')
  certificate.end()
  whole.end()
  // A signature has whole octets. If it does not, node:crypto takes the missing bits for zero.
  if (signature.content[0] !== 0) return undefined
  body.next(contextTags.version, 'the version')
  body.next(derTags.integer, 'the serial number')
  body.next(derTags.sequence, 'the algorithm of the signature')
  body.next(derTags.sequence, 'the issuer')
  const validity = body.inside(derTags.sequence, 'the validity')
  body.next(derTags.sequence, 'the subject')
  body.next(derTags.sequence, 'the key')
  // Two more members may come between key and extensions.
  const uris = urisOf(DerReader.ofMembers(body.last(contextTags.extensions, 'the extensions')))
  const notBeforeMs = derTimeMs(validity.any())
  const notAfterMs = derTimeMs(validity.any())
  validity.end()
  if (uris === undefined || notBeforeMs === undefined || notAfterMs === undefined) return undefined
  return { der, uris, notBeforeMs, notAfterMs }
}

/** Returns the URIs among the alternative names; undefined for a CA, or if node:crypto has to decide. */
function urisOf(explicit: DerReader): readonly string[] | undefined {
  const extensions = explicit.inside(derTags.sequence, 'the list of extensions').all(extensionFrom)
  explicit.end()
  const [names, ...others] = extensions.filter(isSubjectAltName).map(namesOf)
  if (others.length > 0 || !names?.every(isUri) || extensions.some(isCaConstraint)) return undefined
  return names.map(({ content }) => content.toString('latin1'))
}
