import { stat } from 'node:fs/promises'
import { bundleFromPem } from '../../identity/trustBundle.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'
import { svidFromPem } from '../../identity/x509Svid.ts'
import type { Reading } from '../../ledger/workloads/observations.ts'
import { readTextFile } from '../../files/readTextFile.ts'
import type { ReadProblem } from '../../ledger/workloads/reasons.ts'

/** A certificate file and its bundle, which are read together. */
export interface CertificateFiles {
  readonly certificate: string
  readonly bundle?: { readonly path: string; readonly mayBeMissing: boolean }
  /** The folder that must contain both files. */
  readonly within?: string
}

/** The result of one read. */
export interface CertificateCopy {
  readonly reading: Reading
  /** When the certificate file was written, ms since the Unix epoch; undefined if that is unknown or no SVID was read. */
  readonly writtenMs?: number
  readonly bundle?: TrustBundle
  /** The files that could not be read although reading was retried for a while; reported once after each change. */
  readonly rejected: readonly Rejected[]
}

/** Why a file cannot be used. */
export interface ReadFailure {
  readonly problem: ReadProblem
  readonly detail: string
}

type Rejected = ReadFailure & { readonly where: string }

/** A chain of three certificates with signatures of SLH-DSA, the longest that there are, has 205 kB. */
const maxCertificateBytes = 262_144
const maxBundleBytes = 1_048_576

/**
 * A file that cannot be read may be half-written or not yet exist. Reading is retried each second for the first seconds after
 * a change, then at longer intervals.
 */
const fastRetrySeconds = 9
const slowRetrySeconds = 30

/** Reads a certificate file and its bundle after each change, and decides when to retry a read that failed. */
export class CertificateReader {
  readonly #files: CertificateFiles
  #pending = true
  #failing = false
  #secondsSinceChange = 0

  constructor(files: CertificateFiles) {
    this.#files = files
  }

  /** Reports whether a read is due. */
  get pending(): boolean {
    return this.#pending
  }

  /** Reports whether the last read failed. */
  get failing(): boolean {
    return this.#failing
  }

  /** Must be called when the files may have changed. */
  changed(): void {
    this.#pending = true
    this.#secondsSinceChange = 0
  }

  /** Must be called once a second. */
  secondPassed(): void {
    this.#secondsSinceChange += 1
    const isDue = this.#secondsSinceChange <= fastRetrySeconds || this.#secondsSinceChange % slowRetrySeconds === 0
    if (this.#failing && isDue) this.#pending = true
  }

  /** Reads both files, with one call after the other. */
  async read(): Promise<CertificateCopy> {
    this.#pending = false
    const reading = await this.#readCertificate()
    const bundle = await this.#readBundle()
    // A file that is replaced in between has changed, so both are read again.
    const writtenMs = 'svid' in reading ? await writtenMsOf(this.#files.certificate) : undefined

    const rejected: Rejected[] = []
    if ('problem' in reading) rejected.push({ ...reading, where: this.#files.certificate })
    if (bundle !== undefined && 'problem' in bundle) rejected.push({ ...bundle, where: this.#files.bundle?.path ?? '' })
    this.#failing = rejected.length > 0
    return {
      reading,
      ...(writtenMs !== undefined && { writtenMs }),
      ...(bundle !== undefined && 'bundle' in bundle && { bundle: bundle.bundle }),
      rejected: this.#secondsSinceChange === fastRetrySeconds ? rejected : [],
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

/** The latest time that RFC 3339 can express, as in certificates. */
const lastMs = Date.parse('9999-12-31T23:59:59.999Z')

/** Returns when a file was last written, following symlinks; undefined if its file system has no plausible time. */
async function writtenMsOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  const writtenMs = Math.floor(found?.mtimeMs ?? 0)
  return writtenMs > 0 && writtenMs <= lastMs ? writtenMs : undefined
}

function failureOf({ problem, detail }: ReadFailure): ReadFailure {
  return { problem, detail }
}
