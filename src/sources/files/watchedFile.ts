import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Report } from '../../ledger/observations.ts'
import type { FileObservation } from '../../ledger/workloads/observations.ts'
import { CertificateReader } from '../certificateFile/certificateReader.ts'
import { FileTurns } from '../certificateFile/fileTurns.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { FolderWatch } from '../../files/folderWatch.ts'

/** A configured certificate file, and the file with its trust bundle. They may be in different folders. */
export interface ConfiguredFile {
  readonly certificate: string
  /** The file with the trust bundle of the peers, against which the certificate is verified. */
  readonly bundle?: string | undefined
}

/** Notices changes of one configured file, reads it, and reports it if it differs. */
export class WatchedFile {
  readonly #path: string
  readonly #paths: readonly string[]
  readonly #report: Report
  readonly #onChange: () => void
  readonly #reader: CertificateReader
  readonly #turns: FileTurns
  readonly #watches: FolderWatch[] = []
  #version = ''
  #reported = ''

  /** `onChange` is called when a read is due before the next look. */
  constructor({ certificate, bundle }: ConfiguredFile, files: FileCalls, report: Report, onChange: () => void) {
    this.#path = certificate
    this.#paths = bundle === undefined ? [certificate] : [certificate, bundle]
    this.#report = report
    this.#onChange = onChange
    this.#reader = new CertificateReader({
      certificate,
      ...(bundle !== undefined && { bundle: { path: bundle, mayBeMissing: false } }),
    })
    this.#turns = new FileTurns({
      files,
      path: certificate,
      onStuck: (detail) => this.#reportStuck(detail),
      onLateEnd: () => this.#changed(),
    })
  }

  get pending(): boolean {
    return this.#reader.pending
  }

  /** Finds changes that caused no event, in the files or behind symlinks. Must be called once a second. */
  look(): Promise<void> {
    return this.#turns.take(() => this.#look())
  }

  /** Reads the files, and reports the certificate if it differs from the last report. */
  read(): Promise<void> {
    return this.#turns.take(() => this.#read())
  }

  close(): void {
    this.#turns.close()
    this.#unwatch()
  }

  async #look(): Promise<void> {
    const versions: string[] = []
    for (const path of this.#paths) versions.push(await versionOf(path))
    const version = versions.join(' ')
    if (version === this.#version) {
      this.#reader.secondPassed()
      return
    }
    this.#version = version
    this.#reader.changed()
    await this.#rewatch()
  }

  async #read(): Promise<void> {
    const { rejected, ...copy } = await this.#reader.read()
    if (this.#turns.isOver) return
    this.#reportIfNew({ path: this.#path, ...copy })
    for (const { where, problem, detail } of rejected) {
      this.#report({ kind: 'rejected', source: 'files', reason: problem, where, detail })
    }
  }

  /** Reports that nothing can be read, once until that changes. */
  #reportStuck(detail: string): void {
    const path = this.#path
    if (!this.#reportIfNew({ path, reading: { problem: 'no_answer', detail } })) return
    this.#report({ kind: 'rejected', source: 'files', reason: 'no_answer', where: path, detail })
  }

  /** Returns whether the observation differed from the last one. */
  #reportIfNew(file: FileObservation): boolean {
    const text = JSON.stringify(file)
    const isNew = text !== this.#reported
    if (isNew) this.#report({ kind: 'file', file })
    this.#reported = text
    return isNew
  }

  /** Watches the folders anew, because the paths may lead to other ones. */
  async #rewatch(): Promise<void> {
    this.#unwatch()
    for (const path of this.#paths)
      this.#watches.push(await FolderWatch.of(dirname(path), [basename(path)], () => this.#changed()))
    if (this.#turns.isClosed) this.#unwatch()
  }

  #unwatch(): void {
    for (const watch of this.#watches.splice(0)) watch.close()
  }

  #changed(): void {
    this.#reader.changed()
    this.#onChange()
  }
}

/** Returns a text that differs after the file was written, replaced or made readable; '' if there is no file. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? '' : `${found.dev}:${found.ino}:${found.ctimeNs}:${found.size}`
}
