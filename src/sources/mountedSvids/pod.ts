import type { FileCalls } from '../../files/fileCalls.ts'
import type { Report } from '../../ledger/observations.ts'
import { FileTurns } from '../certificateFile/fileTurns.ts'
import { csiVolumesFolder, volumePaths } from './layout.ts'
import { PodVolumes } from './podVolumes.ts'
import type { Refuse } from './podVolumes.ts'
import { Volume } from './volume.ts'

/** What all pods of a node have in common. */
export interface NodeSpec {
  /** The kubelet's root folder. */
  readonly kubeletRoot: string
  /** The CSI drivers whose volumes hold SVIDs. */
  readonly drivers: readonly string[]
  /** The names of the files in a volume. */
  readonly certificateFile: string
  readonly bundleFile: string
}

/** What a pod needs from the source that watches it. */
export interface PodContext {
  readonly files: FileCalls
  readonly report: Report
  readonly refuse: Refuse
  /** Is called when a read is due before the next look. */
  readonly onChange: () => void
  /** Reports whether another volume of a pod may be watched of which so many are. */
  readonly hasRoom: (ofPod: number) => boolean
}

/** A new pod may still get volumes, so it is checked at each of its first looks, thus for 120 s. */
const youngLooks = 120

/** Watches the volumes of SVID drivers of one pod. */
export class Pod {
  readonly volumes = new Map<string, Volume>()
  readonly #uid: string
  readonly #node: NodeSpec
  readonly #context: PodContext
  readonly #folder: PodVolumes
  readonly #turns: FileTurns
  #withoutPlace: readonly string[] = []
  #looks = 0

  constructor(uid: string, node: NodeSpec, context: PodContext) {
    this.#uid = uid
    this.#node = node
    this.#context = context
    this.#folder = new PodVolumes(node.kubeletRoot, uid, node.drivers, context.refuse)
    this.#turns = new FileTurns({
      files: context.files,
      path: csiVolumesFolder(node.kubeletRoot, uid),
      onStuck: (detail) => this.#folder.refuseOnce('no_answer', detail),
      // The next look is due within a second.
      onLateEnd: () => undefined,
    })
  }

  /** The folders of the volumes that are not watched for want of room. */
  get withoutPlace(): readonly string[] {
    return this.#withoutPlace
  }

  /** The error of the system if svidwatch may not read the pod's folder; otherwise undefined. */
  get denial(): unknown {
    return this.#folder.denial
  }

  /** Reports whether a look can be left out: the pod is not new, and all its volumes are quiet. */
  isQuiet(mounts: ReadonlyMap<string, string>): boolean {
    return this.#looks >= youngLooks && this.volumes.values().every((volume) => volume.isQuiet(mounts))
  }

  /** Finds the pod's volumes and their changes. Must be called once a second unless the pod is quiet. */
  async look(mounts: ReadonlyMap<string, string>, thorough: boolean): Promise<void> {
    this.#looks += 1
    await this.#turns.take(() => this.#findVolumes())
    await Promise.all(this.volumes.values().map((volume) => volume.look(mounts, thorough)))
  }

  close(): void {
    this.#turns.close()
    for (const volume of this.volumes.values()) volume.close()
  }

  /** Reports all volumes as unmounted, because the pod is gone. */
  unmount(): void {
    this.#turns.close()
    for (const name of this.volumes.keys()) this.#unmount(name)
  }

  async #findVolumes(): Promise<void> {
    const names = await this.#folder.find((name) => this.volumes.get(name)?.failing ?? true)
    if (names === undefined || this.#turns.isClosed) return
    for (const name of this.volumes.keys()) if (!names.includes(name)) this.#unmount(name)
    const { kubeletRoot } = this.#node
    const withoutPlace: string[] = []
    for (const name of names) {
      if (this.volumes.has(name)) continue
      if (this.#context.hasRoom(this.volumes.size)) this.#watch(name)
      else withoutPlace.push(volumePaths(kubeletRoot, this.#uid, name).folder)
    }
    this.#withoutPlace = withoutPlace
  }

  #watch(volume: string): void {
    const { kubeletRoot, certificateFile, bundleFile } = this.#node
    const { files, report, onChange } = this.#context
    const paths = volumePaths(kubeletRoot, this.#uid, volume)
    const spec = { podUid: this.#uid, volume, paths, certificateFile, bundleFile }
    this.volumes.set(volume, new Volume(spec, files, report, onChange))
  }

  #unmount(volume: string): void {
    this.volumes.get(volume)?.close()
    this.volumes.delete(volume)
    this.#context.report({ kind: 'unmounted', podUid: this.#uid, volume })
  }
}
