import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { ObjectStore } from './apiServer/store.ts'
import {
  bundleCopy,
  bundleName,
  bundleObject,
  certificatesIn,
  edited,
  sourceNotFound,
  synced,
  withSynced,
} from './bundleObjects.ts'

interface TrustManagerOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  /** The certificates of the Bundle's source, PEM. */
  readonly source: string
  readonly signal: AbortSignal
}

/** trust-manager takes up to a second. */
const longestMs = 1000

/**
 * trust-manager with one Bundle: it keeps the ConfigMap of each namespace equal to the source of the Bundle, from its start until
 * `signal` aborts. What anybody changes while it is stopped stays until it is started.
 */
export class TrustManager {
  readonly #options: TrustManagerOptions
  readonly #uid = randomUUID()
  #source: string | undefined
  #runs = true
  #isDue = false

  /** Creates the Bundle and its ConfigMaps in the namespaces that are there. */
  constructor(options: TrustManagerOptions) {
    this.#options = options
    this.#source = options.source
    const { store, signal } = options
    store.create('bundles', bundleObject(this.#uid))
    this.#reconcile()
    for (const resource of ['namespaces', 'configmaps']) {
      const unfollow = store.follow(resource, store.revision, () => this.#reconcileSoon())
      signal.addEventListener('abort', unfollow)
    }
  }

  stop(): void {
    this.#runs = false
  }

  start(): void {
    this.#runs = true
    this.#reconcileSoon()
  }

  /** The source of the Bundle has these certificates (PEM) from now on; undefined: it is gone, and the ConfigMaps stay. */
  setSource(source: string | undefined): void {
    this.#source = source
    this.#reconcileSoon()
  }

  /** Somebody else writes certificates (PEM) into the ConfigMap of a namespace. Throws if there is none. */
  edit(namespace: string, pem: string): void {
    const { store } = this.#options
    const copy = store.get('configmaps', namespace, bundleName)
    if (copy === undefined) throw new Error(`the namespace ${namespace} has no ConfigMap ${bundleName}`)
    store.update('configmaps', edited(copy, pem))
  }

  #reconcileSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    const { clock, signal } = this.#options
    void clock.sleep(longestMs * (0.2 + 0.8 * clock.random()), signal).then(() => {
      this.#isDue = false
      if (this.#runs && !signal.aborted) this.#reconcile()
    })
  }

  #reconcile(): void {
    const { clock, store } = this.#options
    const bundle = store.get('bundles', undefined, bundleName)
    if (bundle === undefined) return
    if (this.#source !== undefined) this.#writeCopies(this.#source)
    const condition = this.#source === undefined ? sourceNotFound : synced
    store.update('bundles', withSynced(bundle, condition, clock.now()))
  }

  #writeCopies(pem: string): void {
    const { store } = this.#options
    for (const { metadata } of store.list('namespaces')) {
      const present = store.get('configmaps', metadata.name, bundleName)
      const copy = bundleCopy(metadata.name, this.#uid, pem)
      if (present === undefined) store.create('configmaps', copy)
      else if (certificatesIn(present) !== pem) store.update('configmaps', copy)
    }
  }
}
