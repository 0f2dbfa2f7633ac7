import { certificateParts } from './certificateParts.ts'
import { DerError, DerReader, derTags } from './der.ts'
import { derTimeMs } from './derTime.ts'
import { extensionFrom, isCaConstraint, isSubjectAltName, isUri, namesOf, type Extension } from './extensions.ts'
import { plainDer } from './pem.ts'
import { signerIn, type Signer } from './signer.ts'

/** The parts of a workload's certificate that are read. Times are ms since the Unix epoch. */
export interface Leaf {
  readonly der: Buffer
  readonly uris: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Undefined if its issuer cannot be read. */
  readonly signer: Signer | undefined
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

/** Parses a Certificate of version 3 (RFC 5280 section 4.1). */
function leafOf(der: Buffer): Leaf | undefined {
  const { version, extensions: explicit, signature, validity, issuer } = certificateParts(der)
  // A signature has whole octets. If it does not, node:crypto takes the missing bits for zero.
  if (version === undefined || explicit === undefined || signature.content[0] !== 0) return undefined
  const extensions = extensionsIn(DerReader.ofMembers(explicit))
  const uris = urisOf(extensions)
  const times = DerReader.ofMembers(validity)
  const notBeforeMs = derTimeMs(times.any())
  const notAfterMs = derTimeMs(times.any())
  times.end()
  if (uris === undefined || notBeforeMs === undefined || notAfterMs === undefined) return undefined
  return { der, uris, notBeforeMs, notAfterMs, signer: signerIn(issuer.content, extensions) }
}

function extensionsIn(explicit: DerReader): readonly Extension[] {
  const extensions = explicit.inside(derTags.sequence, 'the list of extensions').all(extensionFrom)
  explicit.end()
  return extensions
}

/** Returns the URIs among the alternative names; undefined for a CA, or if node:crypto has to decide. */
function urisOf(extensions: readonly Extension[]): readonly string[] | undefined {
  const [names, ...others] = extensions.filter(isSubjectAltName).map(namesOf)
  if (others.length > 0 || !names?.every(isUri) || extensions.some(isCaConstraint)) return undefined
  return names.map(({ content }) => content.toString('latin1'))
}
