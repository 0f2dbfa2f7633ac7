import { readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { MountedObservation, Reading } from '../../ledger/workloads/observations.ts'
import type { Report } from '../../ledger/observations.ts'
import { CertificateReader } from '../certificateFile/certificateReader.ts'
import type { ReadFailure } from '../certificateFile/certificateReader.ts'
import { FileTurns } from '../certificateFile/fileTurns.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { FolderWatch } from '../../files/folderWatch.ts'
import { hasFiles } from './folderFiles.ts'
import { dataLink } from './layout.ts'
import type { VolumePaths } from './layout.ts'

/** Identifies a volume and its files. */
export interface VolumeSpec {
  readonly podUid: string
  readonly volume: string
  readonly paths: VolumePaths
  readonly certificateFile: string
  readonly bundleFile: string
}

/** Identifies what is in a volume's `mount` folder. */
interface Place {
  /** The mount, or the folder itself if nothing is mounted on it; '' if there is no folder. */
  readonly id: string
  readonly isMount: boolean
}

const nothingMounted: ReadFailure = { problem: 'unmounted', detail: 'nothing is mounted here' }
const noFiles: ReadFailure = { problem: 'empty_volume', detail: 'the volume is mounted and has no files' }

/** Notices changes in one volume of an SVID driver, reads its files, and reports them if they differ. */
export class Volume {
  readonly #spec: VolumeSpec
  readonly #report: Report
  readonly #onChange: () => void
  readonly #reader: CertificateReader
  readonly #turns: FileTurns
  #watch: FolderWatch | undefined
  #place: Place = { id: '', isMount: false }
  #data = ''
  #wasMounted = false
  /** Files were seen since the folder or mount was last another one. */
  #hadFiles = false
  #reported = ''

  /** `onChange` is called when a read is due before the next look. */
  constructor(spec: VolumeSpec, files: FileCalls, report: Report, onChange: () => void) {
    this.#spec = spec
    this.#report = report
    this.#onChange = onChange
    this.#reader = new CertificateReader({
      certificate: join(spec.paths.mount, spec.certificateFile),
      bundle: { path: join(spec.paths.mount, spec.bundleFile), mayBeMissing: true },
      within: spec.paths.mount,
    })
    this.#turns = new FileTurns({
      files,
      path: spec.paths.mount,
      onStuck: (detail) => this.#reportStuck(detail),
      onLateEnd: () => this.#changed(),
    })
  }

  get pending(): boolean {
    return this.#reader.pending
  }

  /** Reports whether the last read failed, or does not end. */
  get failing(): boolean {
    return this.#reader.failing || this.#turns.isStuck
  }

  /** Reports whether a look can be left out: the mount is the one that was read, without failure, and a file watch works in it. */
  isQuiet(mounts: ReadonlyMap<string, string>): boolean {
    return this.#isWatched(mounts) && !this.failing
  }

  /**
   * Notices another mount or folder. Notices other files too if no file watch works, or if the look is `thorough`. Must be called
   * once a second unless the volume is quiet.
   */
  async look(mounts: ReadonlyMap<string, string>, thorough: boolean): Promise<void> {
    if (!thorough && this.#isWatched(mounts)) this.#reader.secondPassed()
    else await this.#turns.take(() => this.#look(mounts, thorough))
  }

  /** Reads the files, and reports them if they differ from the last report. */
  read(): Promise<void> {
    return this.#turns.take(() => this.#read())
  }

  close(): void {
    this.#turns.close()
    this.#watch?.close()
  }

  /** Reports whether the mount is the one that was looked at last, and a file watch works in it. */
  #isWatched(mounts: ReadonlyMap<string, string>): boolean {
    const isSame = this.#place.isMount && mounts.get(this.#spec.paths.mount) === this.#place.id
    return isSame && this.#watch?.works === true
  }

  async #look(mounts: ReadonlyMap<string, string>, thorough: boolean): Promise<void> {
    const mount = mounts.get(this.#spec.paths.mount)
    const place = mount === undefined ? await this.#folder() : { id: mount, isMount: true }
    const moved = place.id !== this.#place.id
    this.#place = place
    this.#wasMounted ||= place.isMount
    if (moved) {
      this.#hadFiles = false
      await this.#rewatch()
    }

    const trusted = this.#watch?.works === true && !thorough && !moved
    const data = trusted ? this.#data : await this.#target()
    if (moved || data !== this.#data) this.#reader.changed()
    else this.#reader.secondPassed()
    this.#data = data
  }

  async #read(): Promise<void> {
    const { podUid, volume, paths } = this.#spec
    const { reading, writtenMs, bundle, verdict, rejected } = await this.#reader.read()
    this.#hadFiles ||= 'svid' in reading
    const why = await this.#whyMissing(reading)
    const told = 'problem' in reading ? explained(reading, why) : reading
    // Where nothing is mounted, the folder is the host's own, and its birth says nothing of a mount.
    const isUnmounted = 'problem' in told && told.problem === 'unmounted'
    const mounted: MountedObservation = {
      podUid,
      volume,
      reading: told,
      ...(writtenMs !== undefined && { writtenMs }),
      ...(bundle !== undefined && !('problem' in bundle) && { bundle }),
      ...(verdict && { verdict }),
      mountBirthMs: isUnmounted ? 0 : await birthMs(paths.mount),
    }
    if (this.#turns.isOver) return
    this.#reportIfNew(mounted)
    for (const { where, ...failure } of rejected) {
      const { problem, detail } = explained(failure, why)
      this.#report({ kind: 'rejected', source: 'mountedSvids', reason: problem, where, detail })
    }
  }

  /** Reports that nothing can be read, once until that changes. */
  #reportStuck(detail: string): void {
    const { podUid, volume, paths } = this.#spec
    const reading = { problem: 'no_answer', detail } as const
    if (!this.#reportIfNew({ podUid, volume, reading, mountBirthMs: 0 })) return
    this.#report({ kind: 'rejected', source: 'mountedSvids', reason: 'no_answer', where: paths.mount, detail })
  }

  /** Returns whether the observation differed from the last one. */
  #reportIfNew(mounted: MountedObservation): boolean {
    const text = JSON.stringify(mounted)
    const isNew = text !== this.#reported
    if (isNew) this.#report({ kind: 'mounted', mounted })
    this.#reported = text
    return isNew
  }

  /**
   * Returns what a missing certificate means: that nothing is mounted, or that all files are gone; undefined if neither. A driver mounts
   * a new volume some time after its folder was made, and before it has an SVID to write. So a volume without a mount counts only if it
   * had one, or stays without, and an empty one only if it had files, or stays empty.
   */
  async #whyMissing(reading: Reading): Promise<ReadFailure | undefined> {
    if (!('problem' in reading) || reading.problem !== 'missing') return undefined
    const { id, isMount } = this.#place
    if (!isMount && (id === '' || this.#wasMounted)) return nothingMounted
    if (!(this.#hadFiles || this.#reader.isSettled) || (await hasFiles(this.#spec.paths.mount))) return undefined
    return isMount || this.#hadFiles ? noFiles : nothingMounted
  }

  async #rewatch(): Promise<void> {
    const { paths, certificateFile, bundleFile } = this.#spec
    this.#watch?.close()
    this.#watch = await FolderWatch.of(paths.mount, [dataLink, certificateFile, bundleFile], () => this.#changed())
    if (this.#turns.isClosed) this.#watch.close()
  }

  #changed(): void {
    this.#reader.changed()
    this.#onChange()
  }

  async #folder(): Promise<Place> {
    const found = await stat(this.#spec.paths.mount, { bigint: true }).catch(() => undefined)
    return { id: found === undefined ? '' : `${found.dev}:${found.ino}`, isMount: false }
  }

  /** Returns the target of `..data`; '' if there is no such link. */
  #target(): Promise<string> {
    return readlink(join(this.#spec.paths.mount, dataLink)).catch(() => '')
  }
}

/** Returns a failure to read a file, or why the file is missing. */
const explained = (failure: ReadFailure, why: ReadFailure | undefined): ReadFailure =>
  failure.problem === 'missing' ? (why ?? failure) : failure

/** Returns when the folder was created, ms since the Unix epoch; 0 if that is unknown. */
async function birthMs(folder: string): Promise<number> {
  const found = await stat(folder).catch(() => undefined)
  return found === undefined ? 0 : Math.floor(found.birthtimeMs)
}
