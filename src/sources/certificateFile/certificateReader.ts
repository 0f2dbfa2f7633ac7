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

    const rejected: Rejected[] = []
    if ('problem' in reading) rejected.push({ ...reading, where: this.#files.certificate })
    if (bundle !== undefined && 'problem' in bundle) rejected.push({ ...bundle, where: this.#files.bundle?.path ?? '' })
    this.#failing = rejected.length > 0
    return {
      reading,
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

function failureOf({ problem, detail }: ReadFailure): ReadFailure {
  return { problem, detail }
}
