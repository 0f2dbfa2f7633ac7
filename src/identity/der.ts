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
 * Reads values that follow one another, each when it is asked for. What is in a value is left unread, so a deep nesting costs
 * nothing. Every method throws DerError for bytes that are no such values.
 */
export class DerReader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number

  private constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  static ofBytes(bytes: Buffer): DerReader {
    return new DerReader(bytes, 0, bytes.length)
  }

  /** Reads what a constructed value is made of. */
  static ofMembers({ bytes, start, end }: DerValue): DerReader {
    return new DerReader(bytes, start, end)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** The next value, which must have this tag. `name` is for the message. */
  next(tag: number, name: string): DerValue {
    return tagged(this.any(), tag, name)
  }

  /** Reads what the next value is made of, which must have this tag. */
  inside(tag: number, name: string): DerReader {
    return DerReader.ofMembers(this.next(tag, name))
  }

  /** The last value, which must have this tag, whatever comes before it. */
  last(tag: number, name: string): DerValue {
    let value = this.any()
    while (!this.isAtEnd) value = this.any()
    return tagged(value, tag, name)
  }

  /** What `read` makes of the values that are left, each time of as many as it takes. */
  all<Read>(read: (from: DerReader) => Read): readonly Read[] {
    const all: Read[] = []
    while (!this.isAtEnd) all.push(read(this))
    return all
  }

  /** Says that nothing may be left. */
  end(): void {
    if (!this.isAtEnd) throw malformed('there is more than there should be')
  }

  /** Says that whatever is left does not matter, as long as these are values. */
  skipRest(): void {
    while (!this.isAtEnd) this.any()
  }

  /** The next value, whatever tag it has. */
  any(): DerValue {
    const bytes = this.#bytes
    const at = this.#at
    const limit = this.#end
    if (at + 2 > limit) throw malformed('a value has no tag and length, or is missing')
    const tag = bytes.readUInt8(at)
    if ((tag & highTag) === highTag) throw malformed('a value has a tag of several octets')
    const first = bytes.readUInt8(at + 1)
    const octets = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + octets
    if (first === 0x80 || octets > maxLengthOctets || start > limit) throw malformed('a value has no definite length')
    const end = start + (octets === 0 ? first : bytes.readUIntBE(at + 2, octets))
    if (end > limit) throw malformed('a value is longer than what holds it')
    this.#at = end
    return new DerValue(tag, bytes, start, end)
  }
}

/** Lengths of more octets than these are longer than anything that is read here. */
const maxLengthOctets = 3

/** Tags above 30 have more octets than one; nothing that is read here has such tags. */
const highTag = 0x1f

function tagged(value: DerValue, tag: number, name: string): DerValue {
  if (value.tag !== tag) throw malformed(`${name} is missing or of another type`)
  return value
}

const malformed = (what: string) => new DerError('malformed_der', `${what} (DER)`)
