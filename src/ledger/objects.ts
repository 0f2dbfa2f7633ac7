/** Kubernetes objects of one kind, as lists and changes tell them. */
export class Objects<Item extends { readonly uid: string }> {
  readonly #objects = new Map<string, Item>()
  /** While they are listed: what was known before and has not come again. Nothing, in the first and largest list. */
  #missing = new Set<string>()
  #listed = false

  /** A list has been complete: what is not here does not exist. */
  get listed(): boolean {
    return this.#listed
  }

  get(uid: string): Item | undefined {
    return this.#objects.get(uid)
  }

  all(): Iterable<Item> {
    return this.#objects.values()
  }

  upsert(item: Item): void {
    this.#objects.set(item.uid, item)
    this.#missing.delete(item.uid)
  }

  delete(uid: string): void {
    this.#objects.delete(uid)
  }

  beginListing(): void {
    this.#missing = new Set(this.#objects.keys())
  }

  /** What was known before and did not come again is gone. */
  endListing(): void {
    this.#listed = true
    for (const uid of this.#missing) this.delete(uid)
    this.#missing.clear()
  }
}

/** Objects without a namespace: their names are unique. */
export class NamedObjects<Item extends { readonly uid: string; readonly name: string }> extends Objects<Item> {
  readonly #byName = new Map<string, Item>()

  override upsert(item: Item): void {
    super.upsert(item)
    this.#byName.set(item.name, item)
  }

  /** Another object of the same name may be there already. */
  override delete(uid: string): void {
    const item = this.get(uid)
    super.delete(uid)
    if (item && this.#byName.get(item.name) === item) this.#byName.delete(item.name)
  }

  named(name: string): Item | undefined {
    return this.#byName.get(name)
  }

  /** A list has shown that there is none of this name. */
  lacks(name: string): boolean {
    return this.listed && !this.#byName.has(name)
  }
}
