import type { Observation } from '../../src/ledger/observations.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import { epochMs } from './observations.ts'
import { approved, denied, issued, pending } from './watchedLedger.ts'

type Change =
  | { readonly change: 'added' | 'modified'; readonly request: RequestObservation }
  | { readonly change: 'deleted'; readonly uid: string }

/** A request as it is now, and the version with which it ended; undefined if it has not. */
interface Kept {
  readonly request: RequestObservation
  readonly endedAt: number | undefined
}

/** The requests on an API server, and their history after the version `forgotten`. */
export class RequestHistory {
  readonly #changes: Change[] = []
  readonly #requests = new Map<string, Kept>()
  /** The versions with which the deleted requests had ended. */
  readonly #deletedEnds: number[] = []
  readonly #namespace: string | undefined
  readonly #prefix: string
  #nowMs = epochMs
  forgotten = 0
  issued = 0
  denied = 0

  /** `namespace` is given if it is watched alone. */
  constructor(namespace?: string) {
    this.#namespace = namespace
    this.#prefix = namespace ?? ''
  }

  get version(): number {
    return this.#changes.length
  }

  wait(ms: number): void {
    this.#nowMs += ms
  }

  /** Creates a request. Its creation time is in whole seconds and `lateMs` in the past. */
  create(lateMs: number): void {
    const createdMs = Math.floor((this.#nowMs - lateMs) / 1000) * 1000
    this.#write('added', { ...pending(`${this.#prefix}${this.version}`.padStart(15, '0'), ''), createdMs }, undefined)
  }

  /** Advances one of the requests by a step. One that has ended is only modified. */
  change(draw: number): void {
    const { request, endedAt } = this.#drawn(draw) ?? {}
    if (request === undefined) return
    const { uid, createdMs } = request
    if (endedAt !== undefined) return this.#write('modified', request, endedAt)
    const isDenied = request.state === 'pending' && draw % 3 === 0
    const isIssued = request.state === 'approved'
    if (isDenied) this.denied += 1
    if (isIssued) this.issued += 1
    const next = isDenied ? denied(uid, '') : isIssued ? issued(uid, '') : approved(uid, '')
    this.#write('modified', { ...next, createdMs }, isDenied || isIssued ? this.version + 1 : undefined)
  }

  /** Deletes one of the requests, unless a watch from the version `known` could then not learn how it ended. */
  delete(draw: number, known: number): void {
    const { request, endedAt = 0 } = this.#drawn(draw) ?? {}
    if (request === undefined || (endedAt > known && known < this.forgotten)) return
    this.#requests.delete(request.uid)
    this.#deletedEnds.push(endedAt)
    this.#changes.push({ change: 'deleted', uid: request.uid })
  }

  /** Forgets the history so far, unless a watch from the version `known` could then not learn how requests ended. */
  forget(known: number): void {
    if (this.#deletedEnds.every((endedAt) => endedAt <= known)) this.forgotten = this.version
  }

  /** Returns a streamed list: the requests as of a version that is not forgotten, then the changes since. */
  list(since: number): readonly Observation[] {
    const from = Math.max(this.forgotten, since)
    const requests = new Map<string, RequestObservation>()
    for (const one of this.#changes.slice(0, from))
      if (one.change === 'deleted') requests.delete(one.uid)
      else requests.set(one.request.uid, one.request)
    return [
      ...[...requests.values()].map(
        (request) => ({ kind: 'request', change: 'added', listed: true, request, ...this.#watch }) as const,
      ),
      ...this.#changes.slice(from).map((_, index) => this.observation(from + index + 1, true)),
    ]
  }

  /** Returns the observation of the change that led to a version. */
  observation(version: number, listed = false): Observation {
    const one = this.#changes[version - 1]
    if (one === undefined) throw new Error(`there is no version ${version}`)
    if (one.change === 'deleted')
      return { kind: 'requestDeleted', uid: one.uid, resourceVersion: String(version), ...this.#watch }
    return { kind: 'request', listed, ...one, ...this.#watch }
  }

  get #watch() {
    return { namespace: this.#namespace }
  }

  #drawn(draw: number): Kept | undefined {
    return [...this.#requests.values()][draw % Math.max(this.#requests.size, 1)]
  }

  #write(change: 'added' | 'modified', request: RequestObservation, endedAt: number | undefined): void {
    const written = { ...request, resourceVersion: String(this.version + 1) }
    this.#changes.push({ change, request: written })
    this.#requests.set(request.uid, { request: written, endedAt })
  }
}
