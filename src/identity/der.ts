import { SvidwatchError } from '../errors.ts'

/** Thrown for bytes that are not the expected DER. */
export class DerError extends SvidwatchError<'malformed_der'> {}

/** One ASN.1 value in DER (X.690), as a range of the bytes from which it was read, without a copy. */
export class DerValue {
  /** The identifier octet. */
  readonly tag: number
  readonly bytes: Buffer
  /** Where the contents octets begin and end in `bytes`. */
  readonly start: number
  readonly end: number

  constructor(tag: number, bytes: Buffer, start: number, end: number) {
    this.tag = tag
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  /** The contents octets. Each call creates a Buffer, which takes longer than reading the value. */
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
 * DerReader reads consecutive values, each on request. It does not read the contents of a value, so deep nesting costs nothing.
 * Every method throws DerError if the bytes are not the expected values.
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

  /** Returns a reader of the members of a constructed value. */
  static ofMembers({ bytes, start, end }: DerValue): DerReader {
    return new DerReader(bytes, start, end)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** Reads the next value, which must have this tag. `name` is for the message. */
  next(tag: number, name: string): DerValue {
    return tagged(this.any(), tag, name)
  }

  /** Reads the next value if it is there and has this tag. */
  optional(tag: number): DerValue | undefined {
    return !this.isAtEnd && this.#bytes[this.#at] === tag ? this.any() : undefined
  }

  /** Returns a reader of the members of the next value, which must have this tag. */
  inside(tag: number, name: string): DerReader {
    return DerReader.ofMembers(this.next(tag, name))
  }

  /** Reads up to the last value, which must have this tag, and returns it. */
  last(tag: number, name: string): DerValue {
    let value = this.any()
    while (!this.isAtEnd) value = this.any()
    return tagged(value, tag, name)
  }

  /** Calls `read` until no value is left. Each call must read at least one value. */
  all<Read>(read: (from: DerReader) => Read): readonly Read[] {
    const results: Read[] = []
    while (!this.isAtEnd) results.push(read(this))
    return results
  }

  /** Requires that no value is left. */
  end(): void {
    if (!this.isAtEnd) throw malformed('there is more than there should be')
  }

  skipRest(): void {
    while (!this.isAtEnd) this.any()
  }

  /** Reads the next value, whatever its tag is. */
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
    const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets)
    if (octets > 0 && length < Math.max(0x80, 256 ** (octets - 1))) throw malformed('a length has too many octets')
    const end = start + length
    if (end > limit) throw malformed('a value is longer than the value around it')
    this.#at = end
    return new DerValue(tag, bytes, start, end)
  }
}

/** The most octets of a length. Nothing that is read here is longer than 2^24 bytes. */
const maxLengthOctets = 3

/** A tag above 30 has these bits and more octets. Nothing that is read here has such a tag. */
const highTag = 0x1f

function tagged(value: DerValue, tag: number, name: string): DerValue {
  if (value.tag !== tag) throw malformed(`${name} is missing or of another type`)
  return value
}

const malformed = (what: string) => new DerError('malformed_der', `${what} (DER)`)
