import type { Report } from '../../ledger/observations.ts'
import { volumePaths } from './layout.ts'
import { PodVolumes } from './podVolumes.ts'
import type { Refuse } from './podVolumes.ts'
import { Volume } from './volume.ts'

/** What all the pods of a node have in common. */
export interface NodeSpec {
  /** The kubelet's root folder. */
  readonly kubeletRoot: string
  /** The CSI drivers whose volumes hold SVIDs. */
  readonly drivers: readonly string[]
  /** How the files in a volume are called. */
  readonly certificateFile: string
  readonly bundleFile: string
}

/** What a pod needs of the source that watches it. */
export interface PodContext {
  readonly report: Report
  readonly refuse: Refuse
  /** There is something to read at once. */
  readonly onChange: () => void
  /** Whether one more volume may be watched, the one in this folder. */
  readonly hasRoom: (folder: string) => boolean
}

/** For how many looks, one a second, a new pod is looked at because it may still get volumes. */
const youngLooks = 120

/** The volumes of SVID drivers of one pod. */
export class Pod {
  readonly volumes = new Map<string, Volume>()
  readonly #uid: string
  readonly #node: NodeSpec
  readonly #context: PodContext
  readonly #folder: PodVolumes
  #looks = 0

  constructor(uid: string, node: NodeSpec, context: PodContext) {
    this.#uid = uid
    this.#node = node
    this.#context = context
    this.#folder = new PodVolumes(node.kubeletRoot, uid, node.drivers, context.refuse)
  }

  /** Whether a look would find nothing: the pod is not young, and there is nothing to do for any of its volumes. */
  isQuiet(mounts: ReadonlyMap<string, string>): boolean {
    return this.#looks >= youngLooks && this.volumes.values().every((volume) => volume.isQuiet(mounts))
  }

  /** The look of a second: finds out which volumes there are, and what has changed in each. */
  async look(mounts: ReadonlyMap<string, string>, thorough: boolean): Promise<void> {
    this.#looks += 1
    await this.#findVolumes()
    for (const volume of this.volumes.values()) await volume.look(mounts, thorough)
  }

  /** Forgets the volumes, and says so: the pod is gone. */
  unmount(): void {
    for (const name of this.volumes.keys()) this.#unmount(name)
  }

  async #findVolumes(): Promise<void> {
    const names = await this.#folder.find((name) => this.volumes.get(name)?.failing ?? true)
    if (names === undefined) return
    for (const name of this.volumes.keys()) if (!names.includes(name)) this.#unmount(name)
    for (const name of names) if (!this.volumes.has(name)) this.#watch(name)
  }

  #watch(volume: string): void {
    const { kubeletRoot, certificateFile, bundleFile } = this.#node
    const { report, onChange, hasRoom } = this.#context
    const paths = volumePaths(kubeletRoot, this.#uid, volume)
    if (!hasRoom(paths.folder)) return
    const spec = { podUid: this.#uid, volume, paths, certificateFile, bundleFile }
    this.volumes.set(volume, new Volume(spec, report, onChange))
  }

  #unmount(volume: string): void {
    this.volumes.get(volume)?.close()
    this.volumes.delete(volume)
    this.#context.report({ kind: 'unmounted', podUid: this.#uid, volume })
  }
}
