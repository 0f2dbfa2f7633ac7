/** Objects holds the Kubernetes objects of one kind, from lists and changes. */
export class Objects<Item extends { readonly uid: string }> {
  readonly #objects = new Map<string, Item>()
  /** During a listing: the uids that were known before and have not come again. Empty in the first listing, which is the largest. */
  #missing = new Set<string>()
  #listed = false

  /** Reports whether a listing has been complete: an object that is not here does not exist. */
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

  /** Deletes the objects that were known before and did not come again. */
  endListing(): void {
    this.#listed = true
    for (const uid of this.#missing) this.delete(uid)
    this.#missing.clear()
  }
}

/** NamedObjects holds objects without a namespace, whose names are unique. */
export class NamedObjects<Item extends { readonly uid: string; readonly name: string }> extends Objects<Item> {
  readonly #byName = new Map<string, Item>()

  override upsert(item: Item): void {
    super.upsert(item)
    this.#byName.set(item.name, item)
  }

  /** Deletes an object, but not the newer object of the same name. */
  override delete(uid: string): void {
    const item = this.get(uid)
    super.delete(uid)
    if (item && this.#byName.get(item.name) === item) this.#byName.delete(item.name)
  }

  named(name: string): Item | undefined {
    return this.#byName.get(name)
  }

  /** Reports whether it is certain, after a listing, that there is no object of this name. */
  lacks(name: string): boolean {
    return this.listed && !this.#byName.has(name)
  }
}
