import { stat } from 'node:fs/promises'
import { bundleFromPem } from '../../identity/trustBundle.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'
import { svidFromPem } from '../../identity/x509Svid.ts'
import type { Reading } from '../../ledger/workloads/observations.ts'
import { readTextFile } from '../../files/readTextFile.ts'
import type { ReadProblem } from '../../ledger/workloads/reasons.ts'

/** The files that are read together. */
export interface CertificateFiles {
  readonly certificate: string
  readonly bundle?: { readonly path: string; readonly mayBeMissing: boolean }
  /** The folder that both must lie in. */
  readonly within?: string
}

/** What one read found. */
export interface CertificateCopy {
  readonly reading: Reading
  /** When the certificate file was written, ms since the Unix epoch; undefined where that is not known, or no SVID was read. */
  readonly writtenMs?: number
  readonly bundle?: TrustBundle
  /** What could not be read, and did not become readable while it was tried again; once after each change. */
  readonly rejected: readonly Rejected[]
}

/** Why there is nothing to use in a file. */
export interface ReadFailure {
  readonly problem: ReadProblem
  readonly detail: string
}

type Rejected = ReadFailure & { readonly where: string }

const maxCertificateBytes = 65_536
const maxBundleBytes = 1_048_576

/**
 * Files that cannot be read may be half-written, or not yet be there: they are tried again each second for so long after a
 * change, and then every so many seconds.
 */
const impatientSeconds = 9
const patientSeconds = 30

/** Reads one certificate file, and the bundle beside it, whenever they have changed, and again while it fails. */
export class CertificateReader {
  readonly #files: CertificateFiles
  #pending = true
  #failing = false
  #secondsSinceChange = 0

  constructor(files: CertificateFiles) {
    this.#files = files
  }

  /** There is something to read. */
  get pending(): boolean {
    return this.#pending
  }

  /** What was read last was not good. */
  get failing(): boolean {
    return this.#failing
  }

  /** To be told when the files may have changed. */
  changed(): void {
    this.#pending = true
    this.#secondsSinceChange = 0
  }

  /** To be told once a second. */
  secondPassed(): void {
    this.#secondsSinceChange += 1
    const isDue = this.#secondsSinceChange <= impatientSeconds || this.#secondsSinceChange % patientSeconds === 0
    if (this.#failing && isDue) this.#pending = true
  }

  async read(): Promise<CertificateCopy> {
    this.#pending = false
    const [reading, bundle] = await Promise.all([this.#readCertificate(), this.#readBundle()])
    // Where the file is replaced in between, that is a change, and both are read again.
    const writtenMs = 'svid' in reading ? await writtenMsOf(this.#files.certificate) : undefined

    const rejected: Rejected[] = []
    if ('problem' in reading) rejected.push({ ...reading, where: this.#files.certificate })
    if (bundle !== undefined && 'problem' in bundle) rejected.push({ ...bundle, where: this.#files.bundle?.path ?? '' })
    this.#failing = rejected.length > 0
    return {
      reading,
      ...(writtenMs !== undefined && { writtenMs }),
      ...(bundle !== undefined && 'bundle' in bundle && { bundle: bundle.bundle }),
      rejected: this.#secondsSinceChange === impatientSeconds ? rejected : [],
    }
  }

  async #readCertificate(): Promise<Reading> {
    const file = await readTextFile(this.#files.certificate, this.#bounds(maxCertificateBytes))
    return 'problem' in file ? failureOf(file) : svidFromPem(file.text)
  }

  async #readBundle(): Promise<{ readonly bundle: TrustBundle } | ReadFailure | undefined> {
    const { bundle } = this.#files
    if (bundle === undefined) return undefined
    const file = await readTextFile(bundle.path, this.#bounds(maxBundleBytes))
    if ('text' in file) return bundleFromPem(file.text)
    return file.problem === 'missing' && bundle.mayBeMissing ? undefined : failureOf(file)
  }

  #bounds(maxBytes: number) {
    return { maxBytes, ...(this.#files.within !== undefined && { within: this.#files.within }) }
  }
}

/** As in a certificate: RFC 3339 can write no later time. */
const lastMs = Date.parse('9999-12-31T23:59:59.999Z')

/** When a file was last written, wherever symlinks lead; undefined where its file system tells no sensible time. */
async function writtenMsOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  const writtenMs = Math.floor(found?.mtimeMs ?? 0)
  return writtenMs > 0 && writtenMs <= lastMs ? writtenMs : undefined
}

function failureOf({ problem, detail }: ReadFailure): ReadFailure {
  return { problem, detail }
}
