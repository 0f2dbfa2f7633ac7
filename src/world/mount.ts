import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { volumePaths } from '../sources/mountedSvids/layout.ts'
import type { MountedFiles } from './mountedFiles.ts'
import type { PodServer } from './podServer.ts'
import { writeVolume } from './volumes.ts'
import type { Workload } from './workload.ts'

/**
 * What is mounted on the host: nothing yet, the files of the driver's process, those of a process that is gone, which nobody writes any
 * more, or nothing because it was unmounted.
 */
export type HostMount = 'none' | 'live' | 'dead' | 'gone'

/**
 * Returns when a container starts that starts now, with this mount. Mounts are made in real time, so where the clock of the world is
 * behind, that is when the mount was made.
 */
export async function containerStartMs(mount: Mount, clock: Clock): Promise<number> {
  return Math.max(clock.now(), (await mount.birthMs()) ?? 0)
}

interface MountOptions {
  readonly clock: Clock
  readonly kubeletRoot: string
  readonly workload: Workload
  /** The server in the pod's container, if it has one. */
  readonly server?: PodServer | undefined
}

/**
 * The mount of a volume on the host, and the one that the pod's containers have of it. They are one and the same until the host's is
 * unmounted and mounted anew: running containers keep the one that they started with.
 */
export class Mount {
  readonly #options: MountOptions
  #host: HostMount = 'none'
  #isDetached = false
  #written: MountedFiles | undefined
  #inContainers: MountedFiles | undefined
  /** One change after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(options: MountOptions) {
    this.#options = options
  }

  get host(): HostMount {
    return this.#host
  }

  /** Whether running containers have an older mount than the host. */
  get isDetached(): boolean {
    return this.#isDetached
  }

  /** What the pod's containers read; undefined if there are no files. */
  get inContainers(): MountedFiles | undefined {
    return this.#inContainers
  }

  /** Writes all files, unless nothing that is written arrives. They arrive in the containers only if these have the host's mount. */
  write(files: MountedFiles): Promise<void> {
    return this.#inTurn(() => this.#write(files))
  }

  /** Replaces the trust bundle beside the SVID, as far as the driver still writes there. */
  writeBundle(bundlePem: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#host === 'live' && this.#written !== undefined) await this.#write({ ...this.#written, bundlePem })
    })
  }

  /** The process that writes here is gone. */
  orphan(): void {
    if (this.#host === 'live') this.#host = 'dead'
  }

  /** The driver unmounts it on the host, and the kubelet removes its folder. Running containers keep what they have. */
  unmount(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#host === 'none') return
      await rm(this.#paths.folder, { recursive: true, force: true })
      this.#host = 'gone'
    })
  }

  /** Removes all files, as somebody does who cleans up the driver's own folder. */
  empty(): Promise<void> {
    return this.#inTurn(async () => {
      const { mount } = this.#paths
      for (const name of await readdir(mount).catch(() => [])) await rm(join(mount, name), { recursive: true })
      this.#written = undefined
      if (!this.#isDetached) this.#inContainers = undefined
    })
  }

  /** The containers start anew, and so get the host's mount. */
  restartContainers(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isDetached = false
      this.#inContainers = this.#host === 'gone' ? undefined : this.#written
      await this.#options.server?.close()
      if (this.#inContainers !== undefined) await this.#options.server?.read(this.#inContainers)
    })
  }

  /** Looks at it while nothing changes: a change takes a moment to reach the files, the containers and their server. */
  look<Result>(look: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(look)
  }

  /** When the host's mount was made, as the file system says, ms since the Unix epoch; undefined if there is none. */
  async birthMs(): Promise<number | undefined> {
    const found = await stat(this.#paths.mount).catch(() => undefined)
    return found?.birthtimeMs
  }

  get #paths() {
    const { kubeletRoot, workload } = this.#options
    return volumePaths(kubeletRoot, workload.podUid, workload.volume)
  }

  async #write(files: MountedFiles): Promise<void> {
    const { kubeletRoot, workload, clock, server } = this.#options
    if (this.#host === 'dead') return
    await writeVolume(kubeletRoot, workload, files, clock)
    this.#written = files
    if (this.#host === 'gone') this.#isDetached = this.#inContainers !== undefined
    this.#host = 'live'
    const keepsFirst = workload.bySubPath && this.#inContainers !== undefined
    if (this.#isDetached || keepsFirst) return
    this.#inContainers = files
    await server?.read(files)
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(work, work)
    this.#changing = done
    return done
  }
}
