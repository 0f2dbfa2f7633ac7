import { messageOf } from '../../errors.ts'
import type { Report } from '../../ledger/observations.ts'
import { inParallel } from '../certificateFile/inParallel.ts'
import type { LoopWork, Trouble } from '../certificateFile/lookLoop.ts'
import { MountTable } from './mountTable.ts'
import { Pod } from './pod.ts'
import type { NodeSpec } from './pod.ts'
import { PodsFolder } from './podsFolder.ts'
import type { PodFolders } from './podsFolder.ts'
import type { Refuse } from './podVolumes.ts'
import type { Volume } from './volume.ts'

const maxVolumes = 1000
const parallelReads = 8

/** Every 30th look, thus every 30 s, checks all pods and does not rely on file watches. */
const looksPerThoroughLook = 30

/** Watches the volumes of SVID drivers of all pods on a node. */
export class NodeVolumes implements LoopWork {
  readonly #node: NodeSpec
  readonly #report: Report
  readonly #onChange: () => void
  readonly #mounts: MountTable
  readonly #folder: PodsFolder
  /** By the pod's uid. */
  readonly #pods = new Map<string, Pod>()
  /** The real path of the kubelet's root folder when the pods were found. */
  #kubeletRoot = ''
  #looks = 0
  #isFull = false

  /** `onChange` is called when a read is due before the next look. */
  constructor(node: NodeSpec, mountinfo: string, report: Report, onChange: () => void) {
    this.#node = node
    this.#report = report
    this.#onChange = onChange
    this.#mounts = new MountTable(mountinfo)
    this.#folder = new PodsFolder(node.kubeletRoot)
  }

  async look(): Promise<Trouble | undefined> {
    const thorough = this.#looks % looksPerThoroughLook === 0
    this.#looks += 1
    try {
      if (thorough || !this.#folder.isQuiet) this.#keepOnly(await this.#folder.read())
    } catch (error) {
      const advice = `is ${this.#node.kubeletRoot} the kubelet's root folder, and may svidwatch read it?`
      return { reason: 'unreadable', detail: `${messageOf(error)}: ${advice}` }
    }
    const mounts = this.#mounts.read()
    const pods = this.#pods.values().filter((pod) => thorough || !pod.isQuiet(mounts))
    await inParallel(pods, parallelReads, (pod) => pod.look(mounts, thorough))
    return undefined
  }

  async read(): Promise<void> {
    const pending = this.#volumes().filter((volume) => volume.pending)
    await inParallel(pending, parallelReads, (volume) => volume.read())
  }

  close(): void {
    this.#folder.close()
    for (const volume of this.#volumes()) volume.close()
  }

  #volumes(): IteratorObject<Volume> {
    return this.#pods.values().flatMap((pod) => pod.volumes.values())
  }

  #keepOnly({ kubeletRoot, uids }: PodFolders): void {
    for (const [uid, pod] of this.#pods) {
      if (uids.has(uid) && kubeletRoot === this.#kubeletRoot) continue
      pod.unmount()
      this.#pods.delete(uid)
    }
    this.#kubeletRoot = kubeletRoot
    for (const uid of uids) if (!this.#pods.has(uid)) this.#pods.set(uid, this.#newPod(uid))
  }

  #newPod(uid: string): Pod {
    const refuse: Refuse = (reason, where, detail) =>
      this.#report({ kind: 'rejected', source: 'mountedSvids', reason, where, detail })
    const node = { ...this.#node, kubeletRoot: this.#kubeletRoot }
    return new Pod(uid, node, {
      report: this.#report,
      refuse,
      onChange: this.#onChange,
      hasRoom: (folder) => this.#hasRoom(folder, refuse),
    })
  }

  /** Reports whether one more volume may be watched. The first volume beyond the limit is reported as refused. */
  #hasRoom(folder: string, refuse: Refuse): boolean {
    const wasFull = this.#isFull
    this.#isFull = this.#volumes().reduce((count) => count + 1, 0) >= maxVolumes
    if (this.#isFull && !wasFull) {
      refuse(
        'unreadable',
        folder,
        `this volume and later ones are not watched: the limit is ${maxVolumes} volumes on a node`,
      )
    }
    return !this.#isFull
  }
}
