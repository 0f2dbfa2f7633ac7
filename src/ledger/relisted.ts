/** Relisted holds values by uid, and knows which of them have not come again in the present listing. */
export class Relisted<Value> {
  #present = new Map<string, Value>()
  #missing = new Map<string, Value>()

  get(uid: string): Value | undefined {
    return this.#present.get(uid) ?? this.#missing.get(uid)
  }

  /** Returns all values. The caller must not be interrupted before it has seen them. */
  *all(): Iterable<Value> {
    yield* this.#present.values()
    yield* this.#missing.values()
  }

  /** Returns the values that have not come again, which may be deleted during the iteration. */
  missing(): Iterable<[uid: string, value: Value]> {
    return this.#missing
  }

  /** Holds a value, which is not missing. */
  set(uid: string, value: Value): void {
    this.#present.set(uid, value)
    this.#missing.delete(uid)
  }

  delete(uid: string): void {
    this.#present.delete(uid)
    this.#missing.delete(uid)
  }

  /** All values are now missing. They are not copied, which would hold the event loop, unless the listing before was incomplete. */
  beginListing(): void {
    const hasFewer = this.#present.size < this.#missing.size
    const [fewer, more] = hasFewer ? [this.#present, this.#missing] : [this.#missing, this.#present]
    for (const [uid, value] of fewer) more.set(uid, value)
    this.#missing = more
    this.#present = new Map()
  }

  /** The value, if there is one, has come again. */
  keep(uid: string): void {
    const value = this.#missing.get(uid)
    if (value !== undefined) this.set(uid, value)
  }
}
