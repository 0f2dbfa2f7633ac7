import type { Clock } from '../clock.ts'
import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf } from './certificateAuthority.ts'
import { issue, type DriverFaults } from './issuance.ts'
import { writeVolume } from './volumes.ts'
import type { Workload } from './workload.ts'

export interface DriverOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly kubeletRoot: string
  /** The trust bundle that goes into every volume. */
  readonly bundlePem: string
  readonly lifetimeMs: number
}

/** A volume whose SVID the driver renews. */
export interface ManagedVolume {
  readonly workload: Workload
  /** When the driver asks for the next SVID; a time in the past means at once. */
  nextIssuanceMs: number
  /** What the pod sees: nothing yet, the files of this driver process, or the files of one that is gone. */
  mount: 'none' | 'live' | 'dead'
  /** The name of the pending request, which the next attempt resumes. */
  pending?: string | undefined
  /** Called when the pod gets its first files, without which it does not run. */
  readonly onPublished?: () => void
}

/** The renewals of one volume. */
interface Renewals {
  readonly unpublished: AbortController
  readonly ended: Promise<void>
}

/** The longest time after the start of a driver until the kubelet republishes each volume. */
const republishMs = 90_000

/** csi-driver-spiffe on one node. It waits as long as csi-lib does, or less if certificates live only for minutes. */
export class Driver {
  readonly #options: DriverOptions
  readonly #volumes = new Map<ManagedVolume, Renewals>()
  #process = new AbortController()
  #faults: DriverFaults = {}

  constructor(options: DriverOptions) {
    this.#options = options
  }

  isMountDead(podUid: string): boolean {
    return this.#volumesOf(podUid).some(([{ mount }]) => mount === 'dead')
  }

  manage(volume: ManagedVolume): void {
    const unpublished = new AbortController()
    const signal = AbortSignal.any([this.#process.signal, unpublished.signal])
    this.#volumes.set(volume, { unpublished, ended: this.#keepRenewed(volume, signal) })
  }

  /** Renews the volumes of a pod no longer, because the pod is gone. Resolves when nothing is written into them any more. */
  async unpublish(podUid: string): Promise<void> {
    for (const [volume, { unpublished, ended }] of this.#volumesOf(podUid)) {
      unpublished.abort()
      await ended
      this.#volumes.delete(volume)
    }
  }

  /**
   * Restarts the process. The files of running pods are in the tmpfs of the old process, which is no longer written (csi-lib#74).
   * A new SVID is issued for each volume when the kubelet republishes it. The new process has these faults.
   */
  async restart(faults: DriverFaults = {}): Promise<void> {
    await this.stop()
    this.#process = new AbortController()
    this.#faults = faults
    const { clock, lifetimeMs } = this.#options
    const volumes = [...this.#volumes.keys()]
    this.#volumes.clear()
    for (const volume of volumes) {
      const mount = volume.mount === 'none' ? 'none' : 'dead'
      const nextIssuanceMs = clock.now() + clock.random() * Math.min(republishMs, lifetimeMs / 3)
      this.manage({ ...volume, mount, nextIssuanceMs, pending: undefined })
    }
  }

  async stop(): Promise<void> {
    this.#process.abort()
    await Promise.all(Array.from(this.#volumes.values(), ({ ended }) => ended))
  }

  #volumesOf(podUid: string): [ManagedVolume, Renewals][] {
    return [...this.#volumes].filter(([{ workload }]) => workload.podUid === podUid)
  }

  async #keepRenewed(volume: ManagedVolume, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    let failures = 0
    for (;;) {
      await clock.sleep(Math.max(0, volume.nextIssuanceMs - clock.now()), signal)
      const certificatePem = signal.aborted
        ? undefined
        : await issue({ ...this.#options, ...this.#faults }, volume, signal)
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

  /** csi-lib waits 30, 60, 120 and 240 s, each prolonged by up to a half, and then starts again. */
  #backOffMs(failures: number): number {
    const { clock, lifetimeMs } = this.#options
    return Math.min(30_000, lifetimeMs / 12) * 2 ** (failures % 4) * (1 + clock.random() / 2)
  }

  async #deliver(volume: ManagedVolume, certificatePem: string): Promise<void> {
    const { clock, kubeletRoot, bundlePem } = this.#options
    if (volume.mount === 'dead') return
    await writeVolume(kubeletRoot, volume.workload, { certificatePem, bundlePem }, clock)
    if (volume.mount === 'none') volume.onPublished?.()
    volume.mount = 'live'
  }
}
