import type { Clock } from '../clock.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { bundleName, certificatesIn } from './bundleObjects.ts'
import { driverNamespace } from './pods.ts'

interface SourceBundleOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly lifetimeMs: number
  readonly signal: AbortSignal
}

/** The kubelet takes up to a minute to bring a change of a ConfigMap into a file. */
const kubeletMs = 60_000

/**
 * The source bundle of the driver on one node: a file that the kubelet makes from the ConfigMap of the driver's namespace. A change takes
 * up to a minute, or less if certificates live only for minutes, until `signal` aborts.
 */
export class SourceBundle {
  readonly #options: SourceBundleOptions
  readonly #changed: (pem: string) => void
  #pem: string
  #isHeld = false

  /** `changed` is called with the certificates (PEM) whenever the file has others. Throws if there is no ConfigMap. */
  constructor(options: SourceBundleOptions, changed: (pem: string) => void) {
    this.#options = options
    this.#changed = changed
    const pem = this.#inConfigMap()
    if (pem === undefined) throw new Error(`the namespace ${driverNamespace} has no ConfigMap ${bundleName}`)
    this.#pem = pem
    const { store, signal } = options
    const unfollow = store.follow('configmaps', store.revision, ({ current }) => {
      if (current?.namespace === driverNamespace && current.name === bundleName) void this.#readLater()
    })
    signal.addEventListener('abort', unfollow)
  }

  /** The certificates in the file, PEM. */
  get pem(): string {
    return this.#pem
  }

  /** The file stays as it is from now on, as where the ConfigMap is mounted by subPath. */
  hold(): void {
    this.#isHeld = true
  }

  async #readLater(): Promise<void> {
    const { clock, lifetimeMs, signal } = this.#options
    await clock.sleep(clock.random() * Math.min(kubeletMs, lifetimeMs / 6), signal)
    const pem = this.#inConfigMap()
    if (signal.aborted || this.#isHeld || pem === undefined || pem === this.#pem) return
    this.#pem = pem
    this.#changed(pem)
  }

  #inConfigMap(): string | undefined {
    return certificatesIn(this.#options.store.get('configmaps', driverNamespace, bundleName))
  }
}
