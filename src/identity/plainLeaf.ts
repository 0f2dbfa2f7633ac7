import { DerError, DerReader, derTags } from './der.ts'
import { derTimeMs } from './derTime.ts'
import { extensionFrom, isCaConstraint, isSubjectAltName, isUri, namesOf } from './extensions.ts'
import { plainDer } from './pem.ts'

/** What is read of the certificate of a workload. Times are ms since the Unix epoch. */
export interface Leaf {
  readonly der: Buffer
  readonly uris: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/**
 * Reads a block of `certificateBlocks` that is as nearly all leaves are: well-formed where it is read, no CA, with nothing but
 * URIs among its alternative names. Any other one is undefined, and node:crypto has to say what it is. That takes more than ten
 * times as long, most of it for the key, which nobody asks for: 2 s for the first list of 100,000 requests. What is not read,
 * such as that key, is not checked. The tests compare the two.
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

/** Certificate, RFC 5280 section 4.1. */
function leafOf(der: Buffer): Leaf | undefined {
  const whole = DerReader.ofBytes(der)
  const certificate = whole.inside(derTags.sequence, 'the certificate')
  const body = certificate.inside(derTags.sequence, 'the body')
  certificate.next(derTags.sequence, 'the algorithm')
  const signature = certificate.next(derTags.bitString, 'the signature')
  certificate.end()
  whole.end()
  // A signature is of whole octets. Where it is not, node:crypto takes the bits that are not there for zero.
  if (signature.content[0] !== 0) return undefined
  body.next(contextTags.version, 'the version')
  body.next(derTags.integer, 'the serial number')
  body.next(derTags.sequence, 'the algorithm of the signature')
  body.next(derTags.sequence, 'the issuer')
  const validity = body.inside(derTags.sequence, 'the validity')
  body.next(derTags.sequence, 'the subject')
  body.next(derTags.sequence, 'the key')
  // Two more members may stand between key and extensions.
  const uris = urisOf(DerReader.ofMembers(body.last(contextTags.extensions, 'the extensions')))
  const notBeforeMs = derTimeMs(validity.any())
  const notAfterMs = derTimeMs(validity.any())
  validity.end()
  if (uris === undefined || notBeforeMs === undefined || notAfterMs === undefined) return undefined
  return { der, uris, notBeforeMs, notAfterMs }
}

/** The names among extensions, where they are URIs; undefined for a CA, or where there is more to decide. */
function urisOf(explicit: DerReader): readonly string[] | undefined {
  const extensions = explicit.inside(derTags.sequence, 'the list of extensions').all(extensionFrom)
  explicit.end()
  const [names, ...others] = extensions.filter(isSubjectAltName).map(namesOf)
  if (others.length > 0 || !names?.every(isUri) || extensions.some(isCaConstraint)) return undefined
  return names.map(({ content }) => content.toString('latin1'))
}
