import { SvidwatchError } from '../errors.ts'

/** What should be DER and is not. */
export class DerError extends SvidwatchError<'malformed_der'> {}

/** One value of ASN.1 in DER (X.690): its identifier octet, and what its contents octets are. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
}

/** Identifier octets. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * The values that follow one another in some bytes, which are looked at and not copied. What is in them is left unread, so a
 * deep nesting costs nothing. Throws DerError.
 */
function derValues(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length;) {
    const { tag, start, end } = headerAt(bytes, at)
    if (end > bytes.length) throw malformed('a value is longer than what holds it')
    values.push({ tag, content: bytes.subarray(start, end) })
    at = end
  }
  return values
}

/** The one value that some bytes are. Throws DerError. */
export function derValue(bytes: Buffer): DerValue {
  const [value, second] = derValues(bytes)
  if (value === undefined || second !== undefined) throw malformed('there is not exactly one value')
  return value
}

/** What a constructed value is made of, where it has the tag that is expected. Throws DerError. */
export function derMembers(value: DerValue | undefined, tag: number, name: string): readonly DerValue[] {
  return derValues(derContent(value, tag, name))
}

/** What a value holds, where it has the tag that is expected. Throws DerError. */
export function derContent(value: DerValue | undefined, tag: number, name: string): Buffer {
  if (value?.tag !== tag) throw malformed(`${name} is missing or of another type`)
  return value.content
}

/** Lengths of more octets than these are longer than anything that is read here. */
const maxLengthOctets = 3

/** Tags above 30 have more octets than one; nothing that is read here has such tags. */
const highTag = 0x1f

function headerAt(bytes: Buffer, at: number): { tag: number; start: number; end: number } {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || (tag & highTag) === highTag)
    throw malformed('a value has no tag and length that can be read')
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const octets = first & 0x7f
  const start = at + 2 + octets
  if (octets === 0 || octets > maxLengthOctets || start > bytes.length)
    throw malformed('a value has no definite length')
  return { tag, start, end: start + bytes.readUIntBE(at + 2, octets) }
}

const malformed = (what: string) => new DerError('malformed_der', `${what} (DER)`)
