const slabBytes = 64 * 1024
/** A piece that is shorter is copied, because a Buffer takes more memory than a few bytes in it. */
const shortBytes = 16 * 1024

/** Pieces gathers the pieces of a byte stream. The memory that it takes depends on the number of bytes, not on that of pieces. */
export class Pieces {
  #pieces: Buffer[] = []
  #length = 0
  /** Short pieces are copied into it. The first `#used` bytes of it are not among the pieces yet. */
  #slab = Buffer.alloc(0)
  #used = 0

  /** The number of bytes. */
  get length(): number {
    return this.#length
  }

  append(piece: Buffer): void {
    this.#length += piece.length
    if (piece.length < shortBytes) return this.#copy(piece)
    this.#endCopies()
    this.#pieces.push(piece)
  }

  /** Returns all bytes. */
  bytes(): Buffer {
    this.#endCopies()
    const [first = Buffer.alloc(0)] = this.#pieces
    return this.#pieces.length > 1 ? Buffer.concat(this.#pieces, this.#length) : first
  }

  clear(): void {
    this.#pieces = []
    this.#length = this.#used = 0
  }

  #copy(piece: Buffer): void {
    if (piece.length > this.#slab.length - this.#used) {
      this.#endCopies()
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
    }
    this.#used += piece.copy(this.#slab, this.#used)
  }

  #endCopies(): void {
    if (this.#used > 0) this.#pieces.push(this.#slab.subarray(0, this.#used))
    this.#slab = this.#slab.subarray(this.#used)
    this.#used = 0
  }
}
