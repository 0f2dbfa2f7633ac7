import { DerError, derContent, derMembers, derTags, derValue, type DerValue } from './der.ts'
import { extensionIds, extensionOf, isCaConstraint, isUri, namesOf } from './extensions.ts'

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
  const base64 = plainBlock.exec(block)?.groups?.base64
  if (base64 === undefined) return undefined
  try {
    return leafOf(Buffer.from(base64, 'base64'))
  } catch (thrown) {
    if (thrown instanceof DerError) return undefined
    throw thrown
  }
}

/** As RFC 7468 section 3 tells to write it. */
const plainBlock =
  /^-----BEGIN CERTIFICATE-----\n(?<base64>(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n)-----END CERTIFICATE-----$/

/** [0], the version, and [3], the extensions, of a TBSCertificate. */
const contextTags = { version: 0xa0, extensions: 0xa3 }

/** Certificate, RFC 5280 section 4.1; between key and extensions may be two more members. */
function leafOf(der: Buffer): Leaf | undefined {
  const [body, algorithm, signature, ...others] = derMembers(derValue(der), derTags.sequence, 'the certificate')
  derContent(algorithm, derTags.sequence, 'the algorithm')
  // A signature is of whole octets. Where it is not, node:crypto takes the bits that are not there for zero.
  const [unusedBits] = derContent(signature, derTags.bitString, 'the signature')
  const members = derMembers(body, derTags.sequence, 'the body')
  const [version, serial, signed, issuer, validity, subject, key] = members
  derContent(version, contextTags.version, 'the version')
  derContent(serial, derTags.integer, 'the serial number')
  for (const member of [signed, issuer, subject, key]) derContent(member, derTags.sequence, 'a member of the body')
  const uris = urisOf(members.at(-1))
  if (uris === undefined || unusedBits !== 0 || others.length > 0) return undefined
  const [notBeforeMs, notAfterMs] = derMembers(validity, derTags.sequence, 'the validity').map(timeMs)
  return notBeforeMs === undefined || notAfterMs === undefined ? undefined : { der, uris, notBeforeMs, notAfterMs }
}

/** The names among extensions, where they are URIs; undefined for a CA, or where there is more to decide. */
function urisOf(explicit: DerValue | undefined): readonly string[] | undefined {
  const list = derValue(derContent(explicit, contextTags.extensions, 'the extensions'))
  const extensions = derMembers(list, derTags.sequence, 'the list of extensions').map(extensionOf)
  const [names, ...others] = extensions.filter(({ id }) => id === extensionIds.subjectAltName).map(namesOf)
  if (others.length > 0 || !names?.every(isUri) || extensions.some(isCaConstraint)) return undefined
  return names.map(({ content }) => content.toString('latin1'))
}

/** Whole seconds, UTC (RFC 5280 section 4.1.2.5), ms since the Unix epoch; undefined for what is none. */
function timeMs({ tag, content }: DerValue): number | undefined {
  const text = content.toString('latin1')
  if (tag === derTags.utcTime) return dateMs((text < '5' ? '20' : '19') + text)
  return tag === derTags.generalizedTime && text >= '1' ? dateMs(text) : undefined
}

const wholeTime = /^(\d{4})(0[1-9]|1[0-2])(\d\d)([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/

/** A day that there is not, such as the 30th of February, would be taken for another one. */
function dateMs(text: string): number | undefined {
  const [year = NaN, month = NaN, day, ...time] = wholeTime.exec(text)?.slice(1).map(Number) ?? []
  const ms = Date.UTC(year, month - 1, day, ...time)
  return new Date(ms).getUTCDate() === day ? ms : undefined
}
