import type { Clock } from '../clock.ts'
import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf } from './certificateAuthority.ts'
import { issue, type DriverFaults, type PendingRequest, type Svid } from './issuance.ts'
import type { Mount } from './mount.ts'
import { SourceBundle } from './sourceBundle.ts'
import type { Workload } from './workload.ts'

export interface DriverOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly lifetimeMs: number
  /** Ends what brings the source bundle to the driver. */
  readonly signal: AbortSignal
}

/** A volume whose SVID the driver renews. */
export interface ManagedVolume {
  readonly workload: Workload
  /** When the driver asks for the next SVID; a time in the past means at once. */
  nextIssuanceMs: number
  readonly mount: Mount
  /** Whether the process has published the volume since its start. It takes away the mount of one that it fails to publish. */
  isPublished: boolean
  /** The pending request, which the next attempt resumes. */
  pending?: PendingRequest | undefined
  /** Called when the pod gets its first files, without which it does not run. */
  readonly onPublished?: () => Promise<void>
}

/** The renewals of one volume. */
interface Renewals {
  readonly unpublished: AbortController
  readonly ended: Promise<void>
}

/** The longest time after the start of a driver until the kubelet republishes each volume. */
const republishMs = 90_000

/**
 * csi-driver-spiffe on one node. It waits as long as csi-lib does, or less if certificates live only for minutes. Whenever its source
 * bundle changes, it writes it into every volume.
 */
export class Driver {
  readonly #options: DriverOptions
  readonly #volumes = new Map<ManagedVolume, Renewals>()
  readonly #sourceBundle: SourceBundle
  #process = new AbortController()
  #faults: DriverFaults = {}

  constructor(options: DriverOptions) {
    this.#options = options
    this.#sourceBundle = new SourceBundle(options, (pem) => {
      for (const { mount } of this.#volumes.keys()) void mount.writeBundle(pem)
    })
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
   * A new SVID is issued for each volume when the kubelet republishes it. Where that fails, the host's mount is taken away, and the
   * first SVID after that comes with a new mount, which running containers do not see. The new process has these faults.
   */
  async restart(faults: DriverFaults = {}): Promise<void> {
    await this.stop()
    this.#process = new AbortController()
    this.#faults = faults
    const { clock, lifetimeMs } = this.#options
    const volumes = [...this.#volumes.keys()]
    this.#volumes.clear()
    for (const volume of volumes) {
      volume.mount.orphan()
      const nextIssuanceMs = clock.now() + clock.random() * Math.min(republishMs, lifetimeMs / 3)
      this.manage({ ...volume, isPublished: false, nextIssuanceMs, pending: undefined })
    }
  }

  /** Its source bundle stays as it is from now on. */
  holdBundle(): void {
    this.#sourceBundle.hold()
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
      const svid = signal.aborted ? undefined : await issue({ ...this.#options, ...this.#faults }, volume, signal)
      if (signal.aborted) return
      if (svid === undefined) {
        volume.nextIssuanceMs = clock.now() + this.#backOffMs(failures++)
        if (!volume.isPublished) await volume.mount.unmount()
      } else {
        failures = 0
        volume.nextIssuanceMs = renewalDueMs(periodOf(svid.certificatePem), renewalRules.csiDriverSpiffe)
        await this.#deliver(volume, svid)
      }
    }
  }

  /** csi-lib waits 30, 60, 120 and 240 s, each prolonged by up to a half, and then starts again. */
  #backOffMs(failures: number): number {
    const { clock, lifetimeMs } = this.#options
    return Math.min(30_000, lifetimeMs / 12) * 2 ** (failures % 4) * (1 + clock.random() / 2)
  }

  async #deliver(volume: ManagedVolume, svid: Svid): Promise<void> {
    const isFirst = volume.mount.host === 'none'
    await volume.mount.write({ ...svid, bundlePem: this.#sourceBundle.pem })
    volume.isPublished = true
    if (isFirst) await volume.onPublished?.()
  }
}
