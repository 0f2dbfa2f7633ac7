import { Relisted } from './relisted.ts'
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
  readonly #items = new Relisted<Item>()
  #listed = false

  /** A listing was complete: an object that is not here does not exist. */
  get listed(): boolean {
    return this.#listed
  }

  get(uid: string): Item | undefined {
    return this.#items.get(uid)
  }

  /** Returns all objects. The caller must not be interrupted before it has seen them. */
  all(): Iterable<Item> {
    return this.#items.all()
  }

  upsert(item: Item): void {
    this.#items.set(item.uid, item)
  }

  delete(uid: string): void {
    this.#items.delete(uid)
  }

  beginListing(): void {
    this.#items.beginListing()
  }

  keep(uid: string): void {
    this.#items.keep(uid)
  }

  /** Deletes the objects that were known before and did not come again. */
  endListing(): void {
    this.#listed = true
    for (const [uid] of this.#items.missing()) this.delete(uid)
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
