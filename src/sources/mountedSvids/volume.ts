import { readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { MountedObservation } from '../../ledger/workloads/observations.ts'
import type { Report } from '../../ledger/observations.ts'
import { CertificateReader } from '../certificateFile/certificateReader.ts'
import type { ReadFailure } from '../certificateFile/certificateReader.ts'
import { FolderWatch } from '../../files/folderWatch.ts'
import { dataLink } from './layout.ts'
import type { VolumePaths } from './layout.ts'

/** Which volume it is, and how its files are called. */
export interface VolumeSpec {
  readonly podUid: string
  readonly volume: string
  readonly paths: VolumePaths
  readonly certificateFile: string
  readonly bundleFile: string
}

/** What tells that there is something else in a volume's `mount` folder than before. */
interface Place {
  /** The mount, or the folder itself where nothing is mounted on it. '' where there is no folder. */
  readonly on: string
  readonly isMount: boolean
}

/** One volume of an SVID driver: notices when its files change, reads them, and reports what is different. */
export class Volume {
  readonly #spec: VolumeSpec
  readonly #report: Report
  readonly #onChange: () => void
  readonly #reader: CertificateReader
  #watch: FolderWatch | undefined
  #place: Place = { on: '', isMount: false }
  #data = ''
  #wasMounted = false
  #reported = ''

  /** `onChange` is called when there is something to read at once. */
  constructor(spec: VolumeSpec, report: Report, onChange: () => void) {
    this.#spec = spec
    this.#report = report
    this.#onChange = onChange
    this.#reader = new CertificateReader({
      certificate: join(spec.paths.mount, spec.certificateFile),
      bundle: { path: join(spec.paths.mount, spec.bundleFile), mayBeMissing: true },
      within: spec.paths.mount,
    })
  }

  get pending(): boolean {
    return this.#reader.pending
  }

  get failing(): boolean {
    return this.#reader.failing
  }

  /** Whether a look would find nothing: the mount is the one that was read well, and a file watch tells of changes in it. */
  isQuiet(mounts: ReadonlyMap<string, string>): boolean {
    const isSame = this.#place.isMount && mounts.get(this.#spec.paths.mount) === this.#place.on
    return isSame && this.#watch?.works === true && !this.#reader.failing
  }

  /** The look of a second: notices another mount or folder, and where no watch does, other files. Or if it is `thorough`. */
  async look(mounts: ReadonlyMap<string, string>, thorough: boolean): Promise<void> {
    const mount = mounts.get(this.#spec.paths.mount)
    const place = mount === undefined ? await this.#folder() : { on: mount, isMount: true }
    const moved = place.on !== this.#place.on
    this.#place = place
    this.#wasMounted ||= place.isMount
    if (moved) this.#rewatch()

    const trusted = this.#watch?.works === true && !thorough && !moved
    const data = trusted ? this.#data : await this.#target()
    if (moved || data !== this.#data) this.#reader.changed()
    else this.#reader.secondPassed()
    this.#data = data
  }

  /** Reads the files, and reports them where they are not as they were. */
  async read(): Promise<void> {
    const { podUid, volume, paths } = this.#spec
    const { reading, writtenMs, bundle, rejected } = await this.#reader.read()
    const mounted: MountedObservation = {
      podUid,
      volume,
      reading: 'problem' in reading ? this.#orUnmounted(reading) : reading,
      ...(writtenMs !== undefined && { writtenMs }),
      ...(bundle !== undefined && { bundle }),
      mountBirthMs: await birthMs(paths.mount),
    }
    const text = JSON.stringify(mounted)
    if (text !== this.#reported) this.#report({ kind: 'mounted', mounted })
    this.#reported = text
    for (const { where, ...failure } of rejected) {
      const { problem, detail } = this.#orUnmounted(failure)
      this.#report({ kind: 'rejected', source: 'mountedSvids', reason: problem, where, detail })
    }
  }

  close(): void {
    this.#watch?.close()
  }

  /** A missing file where once there was a mount, or where there is no folder for one, is a missing mount. */
  #orUnmounted(failure: ReadFailure): ReadFailure {
    if (failure.problem !== 'missing' || this.#place.isMount) return failure
    if (this.#place.on !== '' && !this.#wasMounted) return failure
    return { problem: 'unmounted', detail: 'nothing is mounted here' }
  }

  #rewatch(): void {
    const { paths, certificateFile, bundleFile } = this.#spec
    this.#watch?.close()
    this.#watch = new FolderWatch(paths.mount, [dataLink, certificateFile, bundleFile], () => {
      this.#reader.changed()
      this.#onChange()
    })
  }

  async #folder(): Promise<Place> {
    const found = await stat(this.#spec.paths.mount, { bigint: true }).catch(() => undefined)
    return { on: found === undefined ? '' : `${found.dev}:${found.ino}`, isMount: false }
  }

  /** Where `..data` leads; '' where there is none. */
  #target(): Promise<string> {
    return readlink(join(this.#spec.paths.mount, dataLink)).catch(() => '')
  }
}

/** When the folder was made, ms since the Unix epoch; 0 where the file system does not tell. */
async function birthMs(folder: string): Promise<number> {
  const found = await stat(folder).catch(() => undefined)
  return found === undefined ? 0 : Math.floor(found.birthtimeMs)
}
