import { access, readdir } from 'node:fs/promises'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { readTextFile } from '../../files/readTextFile.ts'
import { systemReason } from '../../files/systemReason.ts'
import { isDenied } from './denial.ts'
import { csiVolumesFolder, isVolumeName, volumePaths, type VolumePaths } from './layout.ts'
import { driverFromVolumeData } from './volumeData.ts'

const maxVolumeDataBytes = 65_536

/** Reports an input that is refused. */
export type Refuse = (reason: RejectionReason, where: string, detail: string) => void

/** What is known about a volume. A malformed `vol_data.json` may be half-written, so it is refused only the second time. */
type Kind = 'ours' | 'foreign' | 'suspect' | 'refused'

/** Finds the volumes of `drivers` among the CSI volumes of one pod. The driver of each volume is read once. */
export class PodVolumes {
  readonly #kubeletRoot: string
  readonly #podUid: string
  readonly #drivers: readonly string[]
  readonly #refuse: Refuse
  readonly #kinds = new Map<string, Kind>()
  #readable = true
  #denial: unknown

  constructor(kubeletRoot: string, podUid: string, drivers: readonly string[], refuse: Refuse) {
    this.#kubeletRoot = kubeletRoot
    this.#podUid = podUid
    this.#drivers = drivers
    this.#refuse = refuse
  }

  /** The error of the system if svidwatch may not read the folder of the volumes; otherwise undefined. */
  get denial(): unknown {
    return this.#denial
  }

  /**
   * Returns the names of the volumes that exist now; undefined if the folder cannot be read. A volume exists as long as its
   * folder does. If `isDoubtful` holds for it, its `vol_data.json` must exist too: the kubelet removes that file first.
   */
  async find(isDoubtful: (volume: string) => boolean): Promise<readonly string[] | undefined> {
    const names = await this.#names()
    if (names === undefined) return undefined
    const found: string[] = []
    for (const name of names) {
      const kind = await this.#kindOf(name, isDoubtful(name))
      if (kind === undefined) this.#kinds.delete(name)
      else this.#kinds.set(name, kind)
      if (kind === 'ours') found.push(name)
    }
    return found
  }

  /** Refuses the folder of the volumes, once until it is read again. */
  refuseOnce(reason: RejectionReason, detail: string): void {
    if (this.#readable) this.#refuse(reason, csiVolumesFolder(this.#kubeletRoot, this.#podUid), detail)
    this.#readable = false
  }

  async #names(): Promise<readonly string[] | undefined> {
    const folder = csiVolumesFolder(this.#kubeletRoot, this.#podUid)
    this.#denial = undefined
    try {
      const names = await readdir(folder)
      this.#readable = true
      return names.filter(isVolumeName)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      if (isDenied(error)) this.#denial = error
      else this.refuseOnce('unreadable', systemReason(error))
      return undefined
    }
  }

  /** Returns the kind of a volume; undefined if it has no `vol_data.json`, not yet or no longer. */
  async #kindOf(name: string, checkExists: boolean): Promise<Kind | undefined> {
    const paths = volumePaths(this.#kubeletRoot, this.#podUid, name)
    const known = this.#kinds.get(name)
    if (known === 'foreign') return known
    if (known === 'ours') return !checkExists || (await exists(paths.volumeData)) ? known : undefined
    return this.#readKind(paths, known)
  }

  async #readKind(
    { volumeData, folder }: VolumePaths,
    known: 'suspect' | 'refused' | undefined,
  ): Promise<Kind | undefined> {
    const file = await readTextFile(volumeData, { maxBytes: maxVolumeDataBytes, within: folder })
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
