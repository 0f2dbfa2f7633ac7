import { messageOf } from '../../errors.ts'
import { NoAnswer, type FileCalls } from '../../files/fileCalls.ts'
import type { Report } from '../../ledger/observations.ts'
import type { LoopWork, Trouble } from '../certificateFile/lookLoop.ts'
import { workOnAll } from '../certificateFile/workOnAll.ts'
import { denialOf, isDenied } from './denial.ts'
import { csiVolumesFolder, podsFolder } from './layout.ts'
import { MountTable } from './mountTable.ts'
import { Pod } from './pod.ts'
import type { NodeSpec } from './pod.ts'
import { PodsFolder } from './podsFolder.ts'
import type { PodFolders } from './podsFolder.ts'
import type { Refuse } from './podVolumes.ts'
import type { Volume } from './volume.ts'

/** So many volumes of a pod are watched, however many other pods have. With 250 pods, they fit into `maxFindings`. */
const reservedVolumes = 4

/** The most volumes of a node, beyond what is reserved for its pods, and of one pod. */
const maxVolumes = 1000
const maxVolumesOfPod = 100

/** Every 30th look, thus every 30 s, checks all pods and does not rely on file watches. */
const looksPerThoroughLook = 30

export interface NodeVolumesOptions {
  readonly node: NodeSpec
  /** The path of the kernel's mount table. */
  readonly mountinfo: string
  readonly files: FileCalls
  readonly report: Report
  /** Is called when a read is due before the next look. */
  readonly onChange: () => void
}

/** Watches the volumes of SVID drivers of all pods on a node. */
export class NodeVolumes implements LoopWork {
  readonly #options: NodeVolumesOptions
  readonly #mounts: MountTable
  readonly #folder: PodsFolder
  /** By the pod's uid. */
  readonly #pods = new Map<string, Pod>()
  /** The real path of the kubelet's root folder when the pods were found. */
  #kubeletRoot = ''
  #looks = 0
  #hasLooked = false
  #hasRefusedDenied = false
  #withoutPlace = 0
  #isClosed = false

  constructor(options: NodeVolumesOptions) {
    this.#options = options
    this.#mounts = new MountTable(options.mountinfo)
    this.#folder = new PodsFolder(options.node.kubeletRoot, options.files)
  }

  async look(): Promise<Trouble | undefined> {
    const thorough = this.#looks % looksPerThoroughLook === 0
    this.#looks += 1
    const trouble = thorough || !this.#folder.isQuiet ? await this.#findPods() : undefined
    if (trouble !== undefined || this.#isClosed) return trouble
    const mounts = this.#mounts.read()
    const pods = this.#pods.values().filter((pod) => thorough || !pod.isQuiet(mounts))
    await this.#workOnAll(pods, (pod) => pod.look(mounts, thorough))
    this.#countWithoutPlace()
    return this.#denial()
  }

  async read(): Promise<void> {
    const pending = this.#volumes().filter((volume) => volume.pending)
    await this.#workOnAll(pending, (volume) => volume.read())
    this.#hasLooked = this.#kubeletRoot !== ''
  }

  close(): void {
    this.#isClosed = true
    this.#folder.close()
    for (const pod of this.#pods.values()) pod.close()
  }

  async #findPods(): Promise<Trouble | undefined> {
    const { node, files } = this.#options
    const { kubeletRoot } = node
    try {
      const found = await this.#folder.read()
      if (found instanceof NoAnswer)
        return { reason: 'timeout', detail: files.blindness ?? `${podsFolder(kubeletRoot)}: ${found.detail}` }
      this.#keepOnly(found)
      return undefined
    } catch (error) {
      const folder = podsFolder(kubeletRoot)
      if (isDenied(error)) return { reason: 'unreadable', detail: denialOf(error, folder, folder) }
      const advice = `is ${kubeletRoot} the kubelet's root folder, and may svidwatch read it?`
      return { reason: 'unreadable', detail: `${messageOf(error)}: ${advice}` }
    }
  }

  /** Returns trouble if no pod's folder may be read. If single ones may not, refuses one of them in place of all. */
  #denial(): Trouble | undefined {
    const denied = [...this.#pods].filter(([, { denial }]) => denial !== undefined)
    const [first] = denied
    const areAll = denied.length === this.#pods.size
    const hadRefused = this.#hasRefusedDenied
    this.#hasRefusedDenied = first !== undefined && !areAll
    if (first === undefined || this.#isClosed) return undefined
    const [uid, { denial }] = first
    const pods = podsFolder(this.#kubeletRoot)
    if (areAll) return { reason: 'unreadable', detail: denialOf(denial, `the folder of any pod in ${pods}`, pods) }
    if (hadRefused) return undefined
    const some = `the folders of ${denied.length} of ${this.#pods.size} pods, such as this one`
    const refusal = { reason: 'unreadable', where: csiVolumesFolder(this.#kubeletRoot, uid) } as const
    const detail = denialOf(denial, some, pods)
    this.#options.report({ kind: 'rejected', source: 'mountedSvids', ...refusal, detail })
    return undefined
  }

  /** The first look waits for slow volumes, so that contact means that all were seen. */
  #workOnAll<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
    return workOnAll({ files: this.#options.files, items, work, waitsForSlow: !this.#hasLooked })
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
    const { node, files, report, onChange } = this.#options
    const refuse: Refuse = (reason, where, detail) =>
      report({ kind: 'rejected', source: 'mountedSvids', reason, where, detail })
    return new Pod(
      uid,
      { ...node, kubeletRoot: this.#kubeletRoot },
      {
        files,
        report,
        refuse,
        onChange,
        hasRoom: (ofPod) => this.#hasRoom(ofPod),
      },
    )
  }

  /** Reports whether one more volume may be watched of a pod of which so many are. */
  #hasRoom(ofPod: number): boolean {
    if (ofPod < reservedVolumes) return true
    return ofPod < maxVolumesOfPod && this.#volumes().reduce((count) => count + 1, 0) < maxVolumes
  }

  /** Reports how many volumes have no place, when that changes. */
  #countWithoutPlace(): void {
    const count = this.#pods.values().reduce((sum, pod) => sum + pod.withoutPlace.length, 0)
    if (count === this.#withoutPlace || this.#isClosed) return
    if (this.#withoutPlace === 0) this.#refuseFirst()
    this.#withoutPlace = count
    this.#options.report({ kind: 'withoutPlace', source: 'mountedSvids', count })
  }

  #refuseFirst(): void {
    const pod = this.#pods.values().find(({ withoutPlace }) => withoutPlace.length > 0)
    const [where = ''] = pod?.withoutPlace ?? []
    const limits = `${maxVolumesOfPod} volumes of a pod, and beyond ${reservedVolumes} of each pod ${maxVolumes} of a node`
    const detail = `this volume and others are not watched: the limits are ${limits}`
    this.#options.report({ kind: 'rejected', source: 'mountedSvids', reason: 'unreadable', where, detail })
  }
}
