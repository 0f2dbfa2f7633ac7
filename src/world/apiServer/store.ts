import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../clock.ts'
import { SvidwatchError } from '../../errors.ts'
import { History, rewind, type Change } from './history.ts'
import { decodeObject, encodeObject, objectKey, type KubernetesObject, type StoredObject } from './object.ts'

/**
 * Objects and their history, as etcd keeps them for an API server, with one strictly growing revision for all resources.
 * `resource` is the plural, e.g. `certificaterequests`. Arguments and results are copied. Methods throw StoreError.
 */
export interface ObjectStore {
  /** Creates the object. Sets the resourceVersion, and the uid and creationTimestamp (in whole seconds) if they are missing. */
  create(resource: string, object: KubernetesObject): KubernetesObject
  /** Replaces the object. If nothing changed, there is no new revision. */
  update(resource: string, object: KubernetesObject): KubernetesObject
  /** Deletes the object. Returns its last state, with the revision of the deletion. */
  delete(resource: string, namespace: string | undefined, name: string): KubernetesObject
  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined
  /** Lists objects by namespace and name. */
  list(resource: string, namespace?: string): KubernetesObject[]
  /** Forgets all history: reading from an earlier revision then throws Expired. Followers go on. */
  compact(): void
  /** The newest revision. */
  readonly revision: number
  /** Returns the resource's objects as of a revision, which must not be newer than the newest, in the order of their keys. */
  snapshot(resource: string, revision: number): readonly StoredObject[]
  /**
   * Calls `listener` with every change of the resource after `revision`, first with the past ones. Returns a function that ends
   * this.
   */
  follow(resource: string, revision: number, listener: (change: Change) => void): () => void
}

export type StoreErrorCode = 'AlreadyExists' | 'NotFound' | 'Conflict' | 'Expired'
export class StoreError extends SvidwatchError<StoreErrorCode> {}

/** Creates a store that keeps a history of `changesKept` changes, of all resources together. */
export function createStore(clock: Clock, changesKept = 10_000): ObjectStore {
  return new MemoryStore(clock, changesKept)
}

class MemoryStore implements ObjectStore {
  readonly #clock: Clock
  readonly #objects = new Map<string, Map<string, StoredObject>>()
  readonly #history: History
  readonly #followers = new Set<(change: Change) => void>()
  /** The last snapshot of each resource, because all pages of a list need the same one. */
  readonly #snapshots = new Map<string, { readonly revision: number; readonly objects: readonly StoredObject[] }>()
  #revision = 1

  constructor(clock: Clock, changesKept: number) {
    this.#clock = clock
    this.#history = new History(changesKept)
  }

  get revision(): number {
    return this.#revision
  }

  create(resource: string, object: KubernetesObject): KubernetesObject {
    const { namespace, name, uid = randomUUID(), creationTimestamp = this.#timestamp() } = object.metadata
    const key = objectKey(namespace, name)
    if (this.#objectsOf(resource).has(key)) throw new StoreError('AlreadyExists', `${resource} "${key}" already exists`)
    const created = { ...object, metadata: { ...object.metadata, uid, creationTimestamp } }
    return decodeObject(this.#write(resource, undefined, created))
  }

  update(resource: string, object: KubernetesObject): KubernetesObject {
    const previous = this.#require(resource, object.metadata.namespace, object.metadata.name)
    const { resourceVersion } = object.metadata
    if (resourceVersion !== undefined && resourceVersion !== String(previous.revision)) {
      const versions = `resourceVersion ${resourceVersion} was given, ${previous.revision} is current`
      throw new StoreError('Conflict', `${resource} "${previous.key}" has changed: ${versions}`)
    }
    const before = decodeObject(previous)
    const { uid, creationTimestamp } = before.metadata
    const updated = { ...object, metadata: { ...object.metadata, uid, creationTimestamp } }
    const unchanged = isDeepStrictEqual(decodeObject(encodeObject(updated, previous.revision)), before)
    return unchanged ? before : decodeObject(this.#write(resource, previous, updated))
  }

  delete(resource: string, namespace: string | undefined, name: string): KubernetesObject {
    const previous = this.#require(resource, namespace, name)
    this.#objectsOf(resource).delete(previous.key)
    this.#publish({ resource, revision: ++this.#revision, previous, current: undefined })
    return decodeObject(encodeObject(decodeObject(previous), this.#revision))
  }

  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    const stored = this.#objectsOf(resource).get(objectKey(namespace, name))
    return stored && decodeObject(stored)
  }

  list(resource: string, namespace?: string): KubernetesObject[] {
    return this.snapshot(resource, this.#revision)
      .filter((stored) => namespace === undefined || stored.namespace === namespace)
      .map(decodeObject)
  }

  /** Uses up a revision, so that every revision that was returned before is older than the history. */
  compact(): void {
    this.#history.compact(++this.#revision)
  }

  snapshot(resource: string, revision: number): readonly StoredObject[] {
    this.#checkKnown(revision)
    const last = this.#snapshots.get(resource)
    if (last?.revision === revision) return last.objects
    const changes = this.#history.changesAfter(revision).filter((change) => change.resource === resource)
    const objects = [...rewind(this.#objectsOf(resource), changes).values()].sort((a, b) => (a.key < b.key ? -1 : 1))
    this.#snapshots.set(resource, { revision, objects })
    return objects
  }

  follow(resource: string, revision: number, listener: (change: Change) => void): () => void {
    this.#checkKnown(revision)
    const follower = (change: Change) => {
      if (change.resource === resource && change.revision > revision) listener(change)
    }
    this.#history.changesAfter(revision).forEach(follower)
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  #checkKnown(revision: number): void {
    const { compactedRevision } = this.#history
    if (revision >= compactedRevision) return
    throw new StoreError('Expired', `too old resource version: ${revision} (${compactedRevision})`)
  }

  #objectsOf(resource: string): Map<string, StoredObject> {
    const objects = this.#objects.get(resource) ?? new Map<string, StoredObject>()
    this.#objects.set(resource, objects)
    return objects
  }

  #require(resource: string, namespace: string | undefined, name: string): StoredObject {
    const key = objectKey(namespace, name)
    const stored = this.#objectsOf(resource).get(key)
    if (stored === undefined) throw new StoreError('NotFound', `${resource} "${key}" not found`)
    return stored
  }

  #write(resource: string, previous: StoredObject | undefined, object: KubernetesObject): StoredObject {
    const current = encodeObject(object, ++this.#revision)
    this.#objectsOf(resource).set(current.key, current)
    this.#publish({ resource, revision: this.#revision, previous, current })
    return current
  }

  #publish(change: Change): void {
    this.#history.append(change)
    for (const follower of this.#followers) follower(change)
  }

  #timestamp(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  }
}
