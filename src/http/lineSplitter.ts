import { Pieces } from './pieces.ts'
import { HttpError } from './httpError.ts'
import { TooLongError } from './tooLongError.ts'

/** A line that is longer than it may be. */
export interface OverlongLine {
  /** The first bytes of the line, as many as it may have. They are valid until the next line is asked for. */
  readonly head: Buffer
}

const newline = 0x0a

/** LineSplitter splits a byte stream into lines. Of a line that is too long, the head is held until it was seen, and the rest is skipped. */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #maxSkippedBytes: number
  readonly #begun = new Pieces()
  /** How much of an overlong line has come; 0 if the line that has begun is none. */
  #overlongBytes = 0

  /** A line of more than `maxBytes` is overlong; one of more than `maxSkippedBytes` is refused. */
  constructor(maxBytes: number, maxSkippedBytes: number) {
    this.#maxBytes = maxBytes
    this.#maxSkippedBytes = maxSkippedBytes
  }

  /** The number of bytes that are held of the line that has begun. */
  get heldBytes(): number {
    return this.#begun.length
  }

  /** Yields the lines that end in the next piece of the stream, and an overlong line when it is known as such. Throws `TooLongError`. */
  *split(piece: Buffer): Generator<string | OverlongLine> {
    let start = 0
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      if (!this.#isWithin && end - start <= this.#maxBytes) yield piece.toString('utf8', start, end)
      else yield* this.#ended(piece.subarray(start, end))
      start = end + 1
    }
    if (start < piece.length) yield* this.#goesOn(piece.subarray(start))
  }

  /** Must be called at the end of the stream. Throws `protocol` if it is in the middle of a line. */
  end(): void {
    if (this.#isWithin) throw new HttpError('protocol', 'the stream ended in the middle of a line')
  }

  /** Whether a line has begun. */
  get #isWithin(): boolean {
    return this.#begun.length + this.#overlongBytes > 0
  }

  *#ended(rest: Buffer): Generator<string | OverlongLine> {
    yield* this.#goesOn(rest)
    if (this.#overlongBytes === 0) yield this.#begun.bytes().toString('utf8')
    this.#begun.clear()
    this.#overlongBytes = 0
  }

  *#goesOn(piece: Buffer): Generator<OverlongLine> {
    if (this.#overlongBytes > 0) return this.#skip(piece.length)
    const room = this.#maxBytes - this.#begun.length
    this.#begun.append(piece.subarray(0, room))
    if (piece.length <= room) return
    yield { head: this.#begun.bytes() }
    this.#begun.clear()
    this.#skip(this.#maxBytes + piece.length - room)
  }

  #skip(bytes: number): void {
    this.#overlongBytes += bytes
    if (this.#overlongBytes > this.#maxSkippedBytes) throw new TooLongError('a line', this.#maxSkippedBytes)
  }
}
