/** Objects holds the Kubernetes objects of one kind. */
export class Objects<Item extends { readonly uid: string }> {
  readonly #objects = new Map<string, Item>()
  /** The uids that have not come again in the present listing. Empty in the first listing, which is the largest. */
  #missing = new Set<string>()
  #listed = false

  /** A listing was complete: an object that is not here does not exist. */
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

/** NamedObjects holds objects with unique names, without a namespace. */
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

  /** Reports whether a listing has shown that there is no object of this name. */
  lacks(name: string): boolean {
    return this.listed && !this.#byName.has(name)
  }
}
