/** Kubernetes objects of one kind, as lists and changes tell them. */
export class Objects<Item extends { readonly uid: string }> {
  readonly #objects = new Map<string, Item>()
  #seen: Set<string> | undefined
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
    this.#seen?.add(item.uid)
  }

  delete(uid: string): void {
    this.#objects.delete(uid)
  }

  beginListing(): void {
    this.#seen = new Set()
  }

  /** What was known before and did not come again is gone. */
  endListing(): void {
    this.#listed = true
    for (const uid of this.#objects.keys()) if (!this.#seen?.has(uid)) this.delete(uid)
    this.#seen = undefined
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
