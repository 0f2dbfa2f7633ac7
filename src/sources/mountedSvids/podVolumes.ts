import { access, readdir } from 'node:fs/promises'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { readTextFile } from '../../files/readTextFile.ts'
import { systemReason } from '../../files/systemReason.ts'
import { csiVolumesFolder, isVolumeName, volumePaths } from './layout.ts'
import { driverFromVolumeData } from './volumeData.ts'

const maxVolumeDataBytes = 65_536

/** How a source refuses an input. */
export type Refuse = (reason: RejectionReason, where: string, detail: string) => void

/** What is known of a folder. The kubelet may be writing a `vol_data.json` that is malformed: it is refused the second time. */
type Kind = 'ours' | 'foreign' | 'suspect' | 'refused'

/** Finds the volumes of certain drivers among the CSI volumes of one pod. The driver of each is read once. */
export class PodVolumes {
  readonly #kubeletRoot: string
  readonly #podUid: string
  readonly #drivers: readonly string[]
  readonly #refuse: Refuse
  readonly #kinds = new Map<string, Kind>()
  #readable = true

  constructor(kubeletRoot: string, podUid: string, drivers: readonly string[], refuse: Refuse) {
    this.#kubeletRoot = kubeletRoot
    this.#podUid = podUid
    this.#drivers = drivers
    this.#refuse = refuse
  }

  /**
   * The names of the volumes that are there now; undefined where the folder cannot be read. A volume is there as long as its
   * folder is, but one that is `doubted` only with its `vol_data.json`, which the kubelet removes first.
   */
  async find(doubted: (volume: string) => boolean): Promise<readonly string[] | undefined> {
    const names = await this.#names()
    if (names === undefined) return undefined
    const found: string[] = []
    for (const name of names) {
      const kind = await this.#kindOf(name, doubted(name))
      if (kind === undefined) this.#kinds.delete(name)
      else this.#kinds.set(name, kind)
      if (kind === 'ours') found.push(name)
    }
    return found
  }

  async #names(): Promise<readonly string[] | undefined> {
    const folder = csiVolumesFolder(this.#kubeletRoot, this.#podUid)
    try {
      const names = await readdir(folder)
      this.#readable = true
      return names.filter(isVolumeName)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      if (this.#readable) this.#refuse('unreadable', folder, systemReason(error))
      this.#readable = false
      return undefined
    }
  }

  /** Undefined where there is no `vol_data.json`: not yet, or no more. */
  async #kindOf(name: string, isDoubted: boolean): Promise<Kind | undefined> {
    const { volumeData } = volumePaths(this.#kubeletRoot, this.#podUid, name)
    const known = this.#kinds.get(name)
    if (known === 'foreign') return known
    if (known === 'ours') return !isDoubted || (await exists(volumeData)) ? known : undefined
    return this.#readKind(volumeData, known)
  }

  async #readKind(volumeData: string, known: 'suspect' | 'refused' | undefined): Promise<Kind | undefined> {
    const file = await readTextFile(volumeData, { maxBytes: maxVolumeDataBytes })
    if ('problem' in file && file.problem === 'missing') return undefined
    const driver = 'text' in file ? driverFromVolumeData(file.text) : undefined
    if (driver !== undefined) return this.#drivers.includes(driver) ? 'ours' : 'foreign'

    if (known === undefined) return 'suspect'
    const detail = 'problem' in file ? file.detail : 'it is not a JSON object with a driverName'
    if (known === 'suspect') this.#refuse('malformed_volume_data', volumeData, detail)
    return 'refused'
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
