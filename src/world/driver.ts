import type { Clock } from '../clock.ts'
import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf } from './certificateAuthority.ts'
import { issue } from './issuance.ts'
import { writeVolume } from './volumes.ts'
import type { Workload } from './workload.ts'

interface DriverOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly kubeletRoot: string
  /** The trust bundle that goes into every volume. */
  readonly bundlePem: string
  readonly lifetimeMs: number
}

/** One volume that the driver keeps renewed. */
export interface ManagedVolume {
  readonly workload: Workload
  /** When the driver issues next; the past is at once. */
  nextIssuanceMs: number
  /** What the pod sees: nothing yet, what the driver writes, or what a driver wrote that has gone. */
  mount: 'none' | 'live' | 'dead'
  /** The name of the request that is still pending: the next attempt goes on with it. */
  pending?: string | undefined
}

/** How long after its start a driver is asked again for each volume, at most. */
const republishMs = 90_000

/** csi-driver-spiffe on one node. Its waiting times are those of csi-lib, shortened where certificates live only minutes. */
export class Driver {
  readonly #options: DriverOptions
  readonly #volumes: ManagedVolume[] = []
  #process = new AbortController()
  #lives: Promise<void>[] = []

  constructor(options: DriverOptions) {
    this.#options = options
  }

  isMountDead(podUid: string): boolean {
    return this.#volumes.some(({ workload, mount }) => workload.podUid === podUid && mount === 'dead')
  }

  manage(volume: ManagedVolume): void {
    this.#volumes.push(volume)
    this.#lives.push(this.#live(volume, this.#process.signal))
  }

  /**
   * Another process takes over: the files of the running pods were in the old one's tmpfs, which nobody writes to any more
   * (csi-lib#74). Each volume is issued anew when the kubelet republishes it.
   */
  async restart(): Promise<void> {
    await this.stop()
    this.#process = new AbortController()
    const { clock, lifetimeMs } = this.#options
    for (const volume of this.#volumes.splice(0)) {
      const mount = volume.mount === 'none' ? 'none' : 'dead'
      const nextIssuanceMs = clock.now() + clock.random() * Math.min(republishMs, lifetimeMs / 3)
      this.manage({ workload: volume.workload, mount, nextIssuanceMs })
    }
  }

  async stop(): Promise<void> {
    this.#process.abort()
    await Promise.all(this.#lives)
    this.#lives = []
  }

  async #live(volume: ManagedVolume, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    let failures = 0
    for (;;) {
      await clock.sleep(Math.max(0, volume.nextIssuanceMs - clock.now()), signal)
      const certificatePem = signal.aborted ? undefined : await issue(this.#options, volume, signal)
      if (signal.aborted) return
      if (certificatePem === undefined) {
        volume.nextIssuanceMs = clock.now() + this.#backOffMs(failures++)
      } else {
        failures = 0
        volume.nextIssuanceMs = renewalDueMs(periodOf(certificatePem), renewalRules.csiDriverSpiffe)
        await this.#deliver(volume, certificatePem)
      }
    }
  }

  /** csi-lib waits 30, 60, 120, 240 s, each stretched by up to a half, and then begins anew. */
  #backOffMs(failures: number): number {
    const { clock, lifetimeMs } = this.#options
    return Math.min(30_000, lifetimeMs / 12) * 2 ** (failures % 4) * (1 + clock.random() / 2)
  }

  async #deliver(volume: ManagedVolume, certificatePem: string): Promise<void> {
    const { clock, kubeletRoot, bundlePem } = this.#options
    if (volume.mount === 'dead') return
    await writeVolume(kubeletRoot, volume.workload, { certificatePem, bundlePem }, clock)
    volume.mount = 'live'
  }
}
