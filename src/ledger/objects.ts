import type { Part } from './sight/observations.ts'

/** The objects of one source, of the whole cluster or of namespaces that are listed one by one. */
export interface Listed {
  beginListing(namespace?: Part): void
  endListing(namespace?: Part): void
  /** An object was listed that cannot be read: what is known of it stays. */
  keep(uid: string, namespace?: Part): void
}

/** Objects holds the Kubernetes objects of one kind. */
export class Objects<Item extends { readonly uid: string }> {
  #objects = new Map<string, Item>()
  /** The objects that have not come again in the present listing. */
  #missing = new Map<string, Item>()
  #listed = false

  /** A listing was complete: an object that is not here does not exist. */
  get listed(): boolean {
    return this.#listed
  }

  get(uid: string): Item | undefined {
    return this.#objects.get(uid) ?? this.#missing.get(uid)
  }

  /** Returns all objects. The caller must not be interrupted before it has seen them. */
  *all(): Iterable<Item> {
    yield* this.#objects.values()
    yield* this.#missing.values()
  }

  upsert(item: Item): void {
    this.#objects.set(item.uid, item)
    this.#missing.delete(item.uid)
  }

  delete(uid: string): void {
    this.#objects.delete(uid)
    this.#missing.delete(uid)
  }

  /** All objects are now missing. They are not copied, which would hold the event loop, unless the listing before was incomplete. */
  beginListing(): void {
    const hasFewer = this.#objects.size < this.#missing.size
    const [fewer, more] = hasFewer ? [this.#objects, this.#missing] : [this.#missing, this.#objects]
    for (const [uid, item] of fewer) more.set(uid, item)
    this.#missing = more
    this.#objects = new Map()
  }

  keep(uid: string): void {
    const item = this.#missing.get(uid)
    if (item === undefined) return
    this.#objects.set(uid, item)
    this.#missing.delete(uid)
  }

  /** Deletes the objects that were known before and did not come again. */
  endListing(): void {
    this.#listed = true
    for (const uid of this.#missing.keys()) this.delete(uid)
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
