import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { judgedSvid } from '../../identity/judgedSvid.ts'
import type { NotAnSvid } from '../../identity/svidProblems.ts'
import { trustFromPem } from '../../identity/trustBundle.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { Verdict } from '../../identity/verdict.ts'
import { svidChainFromPem, type ReadSvid } from '../../identity/x509Svid.ts'
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
  /** The bundle, or why there is none; undefined if none is wanted, or if it is missing and may be. */
  readonly bundle?: TrustBundle | ReadFailure
  /** What a peer that trusts the bundle makes of the SVID; undefined unless both were read, and are of the same time. */
  readonly verdict?: Verdict
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

/** How often both files are read at once if the certificate is replaced meanwhile. */
const maxReads = 3

type Trust = Exclude<ReturnType<typeof trustFromPem>, NotAnSvid>

/** What both files hold. */
interface Contents {
  readonly certificate: ReadSvid | ReadFailure
  readonly trust: Trust | ReadFailure | undefined
  /** The certificate file was not replaced meanwhile, so that both are of the same time. */
  readonly together: boolean
  readonly writtenMs: number | undefined
}

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

  /** Reports whether a failure lasts: no change was noticed during the last seconds. */
  get isSettled(): boolean {
    return this.#secondsSinceChange >= fastRetrySeconds
  }

  /** Reads both files, with one call after the other. */
  async read(): Promise<CertificateCopy> {
    this.#pending = false
    let contents = await this.#readBoth()
    for (let reads = 1; !contents.together && reads < maxReads; reads += 1) contents = await this.#readBoth()
    const rejected = this.#rejectedOf(contents)
    this.#failing = rejected.length > 0
    return { ...copyOf(contents), rejected: this.#secondsSinceChange === fastRetrySeconds ? rejected : [] }
  }

  #rejectedOf({ certificate, trust }: Contents): readonly Rejected[] {
    const rejected: Rejected[] = []
    if ('problem' in certificate) rejected.push({ ...certificate, where: this.#files.certificate })
    if (trust !== undefined && 'problem' in trust) rejected.push({ ...trust, where: this.#files.bundle?.path ?? '' })
    return rejected
  }

  /** A driver replaces both files at once, and may do so in between: then the certificate is another file afterwards. */
  async #readBoth(): Promise<Contents> {
    const before = await statsOf(this.#files.certificate)
    const certificate = await this.#readCertificate()
    const trust = await this.#readBundle()
    const after = await statsOf(this.#files.certificate)
    return { certificate, trust, together: isSame(before, after), writtenMs: writtenMsOf(after) }
  }

  async #readCertificate(): Promise<ReadSvid | ReadFailure> {
    const file = await readTextFile(this.#files.certificate, this.#bounds(maxCertificateBytes))
    return 'problem' in file ? failureOf(file) : svidChainFromPem(file.text)
  }

  async #readBundle(): Promise<Trust | ReadFailure | undefined> {
    const { bundle } = this.#files
    if (bundle === undefined) return undefined
    const file = await readTextFile(bundle.path, this.#bounds(maxBundleBytes))
    if ('text' in file) return trustFromPem(file.text)
    return file.problem === 'missing' && bundle.mayBeMissing ? undefined : failureOf(file)
  }

  #bounds(maxBytes: number) {
    return { maxBytes, ...(this.#files.within !== undefined && { within: this.#files.within }) }
  }
}

function copyOf({ certificate, trust, together, writtenMs }: Contents): Omit<CertificateCopy, 'rejected'> {
  const bundle = trust && { bundle: 'problem' in trust ? trust : trust.bundle }
  if ('problem' in certificate) return { reading: certificate, ...bundle }
  const canVerify = together && trust !== undefined && !('problem' in trust)
  const { svid, ...verdict } = canVerify ? judgedSvid(certificate, trust.authorities) : { svid: certificate.svid }
  return { reading: { svid }, ...(writtenMs !== undefined && { writtenMs }), ...bundle, ...verdict }
}

/** Returns what the system says of a file, following symlinks; undefined if there is none. */
const statsOf = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined)

const isSame = (before: Stats | undefined, after: Stats | undefined): boolean =>
  before?.ino === after?.ino && before?.ctimeMs === after?.ctimeMs && before?.size === after?.size

/** The latest time that RFC 3339 can express, as in certificates. */
const lastMs = Date.parse('9999-12-31T23:59:59.999Z')

/** Returns when a file was last written; undefined if its file system has no plausible time. */
function writtenMsOf(found: Stats | undefined): number | undefined {
  const writtenMs = Math.floor(found?.mtimeMs ?? 0)
  return writtenMs > 0 && writtenMs <= lastMs ? writtenMs : undefined
}

function failureOf({ problem, detail }: ReadFailure): ReadFailure {
  return { problem, detail }
}
