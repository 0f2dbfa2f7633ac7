import { SvidwatchError } from '../errors.ts'

/** What should be DER and is not. */
export class DerError extends SvidwatchError<'malformed_der'> {}

/** One value of ASN.1 in DER (X.690), as a place in the bytes that it was read from: reading it copies nothing. */
export class DerValue {
  /** Its identifier octet. */
  readonly tag: number
  readonly bytes: Buffer
  /** Where its contents octets begin and end in `bytes`. */
  readonly start: number
  readonly end: number

  constructor(tag: number, bytes: Buffer, start: number, end: number) {
    this.tag = tag
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  /** The contents octets. Each call makes a Buffer, which takes longer than to read the value. */
  get content(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }
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
 * The values that follow one another between two places in some bytes. What is in them is left unread, so a deep nesting costs
 * nothing. Throws DerError.
 */
function derValues(bytes: Buffer, start: number, end: number): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = start; at < end;) {
    const value = valueAt(bytes, at, end)
    values.push(value)
    at = value.end
  }
  return values
}

/** The one value that some bytes are. Throws DerError. */
export function derValue(bytes: Buffer): DerValue {
  return onlyOf(derValues(bytes, 0, bytes.length))
}

/** What a constructed value is made of, where it has the tag that is expected. Throws DerError. */
export function derMembers(value: DerValue | undefined, tag: number, name: string): readonly DerValue[] {
  const { bytes, start, end } = derTagged(value, tag, name)
  return derValues(bytes, start, end)
}

/** The one value that another one is made of, where it has the tag that is expected. Throws DerError. */
export function derMember(value: DerValue | undefined, tag: number, name: string): DerValue {
  return onlyOf(derMembers(value, tag, name))
}

/** A value that must be there, with the tag that is expected. Throws DerError. */
export function derTagged(value: DerValue | undefined, tag: number, name: string): DerValue {
  if (value?.tag !== tag) throw malformed(`${name} is missing or of another type`)
  return value
}

function onlyOf([value, second]: readonly DerValue[]): DerValue {
  if (value === undefined || second !== undefined) throw malformed('there is not exactly one value')
  return value
}

/** Lengths of more octets than these are longer than anything that is read here. */
const maxLengthOctets = 3

/** Tags above 30 have more octets than one; nothing that is read here has such tags. */
const highTag = 0x1f

/** The value that begins at a place. `limit` is where what holds it ends. */
function valueAt(bytes: Buffer, at: number, limit: number): DerValue {
  if (at + 2 > limit) throw malformed('a value has no tag and length')
  const tag = bytes.readUInt8(at)
  if ((tag & highTag) === highTag) throw malformed('a value has a tag of several octets')
  const first = bytes.readUInt8(at + 1)
  const octets = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + octets
  if (first === 0x80 || octets > maxLengthOctets || start > limit) throw malformed('a value has no definite length')
  const end = start + (octets === 0 ? first : bytes.readUIntBE(at + 2, octets))
  if (end > limit) throw malformed('a value is longer than what holds it')
  return new DerValue(tag, bytes, start, end)
}

const malformed = (what: string) => new DerError('malformed_der', `${what} (DER)`)
