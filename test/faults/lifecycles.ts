import type { Clock } from '../../src/clock.ts'
import type { CertificateRequest } from '../../src/world/certificateRequest.ts'
import { withCertificate, withDecision, withFailure, withRefusal } from '../../src/world/verdicts.ts'
import { createIdentities, type Identities, type Identity } from './askers.ts'
import { seriesOf, type Counts } from './counts.ts'
import type { Fate } from './fates.ts'
import { Population } from './population.ts'
import { seededRandom } from './random.ts'

/** Where requests are written to. Each call resolves once it is written, however often it has to be tried. */
export interface Writer {
  create(request: CertificateRequest): Promise<void>
  /** Only the status. */
  update(request: CertificateRequest): Promise<void>
  delete(request: CertificateRequest): Promise<void>
}

export interface LifecyclesOptions {
  readonly requests: number
  /** How many begin each second, at most. */
  readonly perSecond: number
  readonly seed: number
  /** Whether requests carry csi-driver-spiffe's annotation: an approver that runs in the cluster decides on those that do. */
  readonly annotated: boolean
}

/** How far the requests are. */
export interface Progress {
  readonly begun: number
  /** What a watcher shows of them who has seen everything, the ends that are being written included: nobody sees them earlier. */
  readonly counts: Counts
}

const tickMs = 10
/** So many are being created at once: where the API server is slower than that, fewer begin. */
const maxCreating = 100
/** How long a request stays after its end, at least; it is short, so that many come and go while svidwatch cannot see them. */
const lingerMs = 1000
const lingerSpreadMs = 4000

/** Requests for SVIDs that are created, decided on, answered and deleted, and the one who knows how many of each there were. */
export class Lifecycles {
  readonly #options: LifecyclesOptions
  readonly #clock: Clock
  readonly #writer: Writer
  readonly #random: () => number
  readonly #population: Population
  readonly #counts = new Map<string, number>()
  readonly #lingering = new Set<Promise<void>>()
  readonly #closed = new AbortController()
  #allowed = 0
  #isKept = false
  #begun = 0
  #creating = 0

  static async create(options: LifecyclesOptions, clock: Clock, writer: Writer): Promise<Lifecycles> {
    const lifecycles = new Lifecycles(options, clock, writer, await createIdentities(clock.now()))
    await lifecycles.#prove()
    return lifecycles
  }

  private constructor(options: LifecyclesOptions, clock: Clock, writer: Writer, identities: Identities) {
    this.#options = options
    this.#clock = clock
    this.#writer = writer
    this.#random = seededRandom(options.seed)
    this.#population = new Population(identities, options.annotated, this.#random)
  }

  /** As of now. */
  get progress(): Progress {
    return { begun: this.#begun, counts: new Map(this.#counts) }
  }

  /** So many of the requests may begin. */
  allow(upTo: number): void {
    this.#allowed = upTo
  }

  /** While requests are kept, none is deleted after its end. */
  keep(isKept: boolean): void {
    this.#isKept = isKept
  }

  /** Resolves when all requests have come to their ends; those that linger are deleted later. */
  async run(): Promise<void> {
    const { requests, perSecond } = this.#options
    const ends: Promise<void>[] = []
    let lastMs = this.#clock.now()
    for (let due = 0; this.#begun < requests; await this.#clock.sleep(tickMs)) {
      const nowMs = this.#clock.now()
      due = Math.min(perSecond, due + ((nowMs - lastMs) * perSecond) / 1000)
      lastMs = nowMs
      for (; due >= 1 && this.#mayBegin; due -= 1) {
        this.#begun += 1
        ends.push(this.#live())
      }
    }
    await Promise.all(ends)
  }

  get #mayBegin(): boolean {
    return this.#begun < Math.min(this.#options.requests, this.#allowed) && this.#creating < maxCreating
  }

  /** Deletes nothing any more. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all(this.#lingering)
  }

  /** One request of each known identity is there before the count begins: an issuer is named once it has issued. */
  async #prove(): Promise<void> {
    for (const identity of this.#population.known) {
      const request = this.#population.requestOf(identity, false)
      await this.#writer.create(request)
      await this.#writer.update(this.#issued(this.#approved(request), identity))
    }
  }

  async #live(): Promise<void> {
    const { fate, identity, request } = this.#population.draw()
    this.#creating += 1
    await this.#writer.create(request)
    this.#creating -= 1
    await this.#pause(50, 500)
    const last = await this.#decide(request, fate, identity)
    const lingering = this.#linger(last)
    this.#lingering.add(lingering)
    void lingering.finally(() => this.#lingering.delete(lingering))
  }

  /** Resolves, with the request as it is then, when it has come to its end. */
  async #decide(request: CertificateRequest, fate: Fate, identity: Identity): Promise<CertificateRequest> {
    if (fate.end === 'denied') {
      const denied = withDecision(request, fate.objection, this.#clock.now())
      await this.#end(fate, identity, denied)
      await this.#pause(20, 200)
      return this.#update(withRefusal(denied, this.#clock.now()))
    }
    if (fate.end === 'deleted' && !fate.approved) return request
    const approved = await this.#update(this.#approved(request))
    await this.#pause(50, 1000)
    if (fate.end === 'deleted') return approved
    return this.#end(
      fate,
      identity,
      fate.end === 'issued' ? this.#issued(approved, identity) : withFailure(approved, fate.error, this.#clock.now()),
    )
  }

  async #end(fate: Fate, { labels }: Identity, ended: CertificateRequest): Promise<CertificateRequest> {
    for (const one of seriesOf(fate, labels)) this.#counts.set(one, (this.#counts.get(one) ?? 0) + 1)
    return this.#update(ended)
  }

  async #update(request: CertificateRequest): Promise<CertificateRequest> {
    await this.#writer.update(request)
    return request
  }

  async #linger(request: CertificateRequest): Promise<void> {
    const { signal } = this.#closed
    await this.#clock.sleep(lingerMs + this.#random() * lingerSpreadMs, signal)
    while (this.#isKept && !signal.aborted) await this.#clock.sleep(lingerMs, signal)
    if (!signal.aborted) await this.#writer.delete(request)
  }

  #approved(request: CertificateRequest): CertificateRequest {
    return withDecision(request, undefined, this.#clock.now())
  }

  #issued(request: CertificateRequest, { certificate, authority }: Identity): CertificateRequest {
    return withCertificate(request, certificate, authority, this.#clock.now())
  }

  #pause(leastMs: number, mostMs: number): Promise<void> {
    return this.#clock.sleep(leastMs + this.#random() * (mostMs - leastMs))
  }
}
