import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Report } from '../../ledger/observations.ts'
import { CertificateReader } from '../certificateFile/certificateReader.ts'
import { FolderWatch } from '../../files/folderWatch.ts'

/** A certificate file that the configuration names, and the file with its trust bundle, wherever they are. */
export interface ConfiguredFile {
  readonly certificate: string
  /** Is only looked at to refuse it where it is no trust bundle. */
  readonly bundle?: string | undefined
}

/** One configured file: notices when it changes, reads it, and reports what is different. */
export class WatchedFile {
  readonly #path: string
  readonly #paths: readonly string[]
  readonly #report: Report
  readonly #onChange: () => void
  readonly #reader: CertificateReader
  #watches: readonly FolderWatch[] = []
  #version = ''
  #reported = ''

  /** `onChange` is called when there is something to read at once. */
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

  /** The look of each second: finds a change that no event told, in the files or wherever symlinks lead. */
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

  /** Reads the files, and reports the certificate where it is not as it was. */
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

  /** The folders may be others than before. */
  #rewatch(): void {
    this.close()
    const onChange = () => {
      this.#reader.changed()
      this.#onChange()
    }
    this.#watches = this.#paths.map((path) => new FolderWatch(dirname(path), [basename(path)], onChange))
  }
}

/** What is different whenever the file was written, replaced or made readable; '' where there is none. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? '' : `${found.dev}:${found.ino}:${found.ctimeNs}:${found.size}`
}
