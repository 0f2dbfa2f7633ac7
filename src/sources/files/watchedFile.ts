import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Report } from '../../ledger/observations.ts'
import { CertificateReader } from '../certificateFile/certificateReader.ts'
import { FolderWatch } from '../../files/folderWatch.ts'

/** A configured certificate file, and the file with its trust bundle. They may be in different folders. */
export interface ConfiguredFile {
  readonly certificate: string
  /** The bundle is read only to report a file that is not a trust bundle. */
  readonly bundle?: string | undefined
}

/** Notices changes of one configured file, reads it, and reports it if it differs. */
export class WatchedFile {
  readonly #path: string
  readonly #paths: readonly string[]
  readonly #report: Report
  readonly #onChange: () => void
  readonly #reader: CertificateReader
  #watches: readonly FolderWatch[] = []
  #version = ''
  #reported = ''

  /** `onChange` is called when a read is due before the next look. */
  constructor({ certificate, bundle }: ConfiguredFile, report: Report, onChange: () => void) {
    this.#path = certificate
    this.#paths = bundle === undefined ? [certificate] : [certificate, bundle]
    this.#report = report
    this.#onChange = onChange
    this.#reader = new CertificateReader({
      certificate,
      ...(bundle !== undefined && { bundle: { path: bundle, mayBeMissing: false } }),
    })
  }

  get pending(): boolean {
    return this.#reader.pending
  }

  /** Finds changes that caused no event, in the files or behind symlinks. Must be called once a second. */
  async look(): Promise<void> {
    const version = (await Promise.all(this.#paths.map(versionOf))).join(' ')
    if (version === this.#version) {
      this.#reader.secondPassed()
      return
    }
    this.#version = version
    this.#reader.changed()
    this.#rewatch()
  }

  /** Reads the files, and reports the certificate if it differs from the last report. */
  async read(): Promise<void> {
    const { reading, writtenMs, rejected } = await this.#reader.read()
    const file = { path: this.#path, reading, ...(writtenMs !== undefined && { writtenMs }) }
    const text = JSON.stringify(file)
    if (text !== this.#reported) this.#report({ kind: 'file', file })
    this.#reported = text
    for (const { where, problem, detail } of rejected) {
      this.#report({ kind: 'rejected', source: 'files', reason: problem, where, detail })
    }
  }

  close(): void {
    for (const watch of this.#watches) watch.close()
  }

  /** Watches the folders anew, because the paths may lead to other ones. */
  #rewatch(): void {
    this.close()
    const onChange = () => {
      this.#reader.changed()
      this.#onChange()
    }
    this.#watches = this.#paths.map((path) => new FolderWatch(dirname(path), [basename(path)], onChange))
  }
}

/** Returns a text that differs after the file was written, replaced or made readable; '' if there is no file. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? '' : `${found.dev}:${found.ino}:${found.ctimeNs}:${found.size}`
}
