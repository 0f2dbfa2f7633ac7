import { systemClock, type Clock } from '../../../src/clock.ts'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import type { ObjectStore } from '../../../src/world/apiServer/store.ts'
import { withDecision, withRefusal } from '../../../src/world/verdicts.ts'
import { nodeName, nodesFor, podOf, type Requests } from '../workloads.ts'
import { Tenants, type Tenant } from './tenants.ts'

export interface ChurnOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly requests: Requests
  /** How many live at any time. */
  readonly workloads: number
  /** How long after its SVID was issued each gets the next one, in ms. */
  readonly renewalMs: number
}

/** What a scrape has to show. */
export interface Truth {
  /** The names of the running pods, each of which holds an SVID. */
  readonly pods: ReadonlySet<string>
  /** How many requests were issued and denied since the churn began. */
  readonly issued: number
  readonly denied: number
  /** By how much the oldest thing that is due is late, in ms of simulated time. */
  readonly lateMs: number
}

/** A workload, its requests, and when its SVID was issued. */
interface Life {
  readonly workload: Tenant
  /** How many SVIDs it is yet to get before its pod is replaced. */
  renewalsLeft: number
  requests: readonly string[]
  issuedMs: number
}

/** A pod that has ended, and when it is to be deleted. */
interface Ended {
  readonly life: Life
  readonly dueMs: number
}

const resource = 'certificaterequests'

/** A pod gets up to so many SVIDs, some pods only their first; then another one of another name replaces it. */
const mostSvids = 3
/** Every so many of the pods that are replaced end, as those of Jobs do, and are deleted later; the others are deleted at once. */
const endEvery = 2
/** How long a pod that has ended stays, as a share of the time from one renewal to the next. */
const endedShare = 0.25
/** Each time that so large a share of all pods was replaced, one that has ended stays for good, as after a Job without a time to live. */
const stayingShare = 0.2
/** Every so many requests are denied first, and made again. */
const denyEvery = 97
/** So many turns are taken at a stretch: what is written must get its turn to be sent, and scrapes theirs. */
const stretch = 5
/** How often it is looked whether something is due, in real time. */
const tickMs = 10

/** Workloads that are renewed, end, are replaced, and sometimes denied, for as long as it is asked for. */
export class Churn {
  readonly #options: ChurnOptions
  /** The one that is due first comes first, since the time from one turn to the next is the same for all. */
  readonly #lives = new Set<Life>()
  /** In the order in which they are to be deleted. */
  readonly #ended = new Set<Ended>()
  readonly #tenants: Tenants
  #nextIndex = 0
  #turns = 0
  /** How many pods were replaced, and how many of those that have ended stay. */
  #replaced = 0
  #staying = 0
  #counted = { issued: 0, denied: 0 }

  constructor(options: ChurnOptions) {
    this.#options = options
    this.#tenants = new Tenants(options.store, options.workloads)
  }

  /** Makes all workloads, due one after the other over the time of a renewal. */
  fill(): void {
    const { clock, workloads, renewalMs } = this.#options
    const nowMs = clock.now()
    for (let made = 0; made < workloads; made += 1) this.#create(nowMs - renewalMs * (1 - made / workloads))
    this.#counted = { issued: 0, denied: 0 }
  }

  /** Does what falls due, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const done = this.#takeTurns()
      await systemClock.sleep(done < stretch ? tickMs : 0, signal)
    }
  }

  truth(): Truth {
    const pods = new Set(Array.from(this.#lives, ({ workload }) => workload.pod))
    return { pods, ...this.#counted, lateMs: Math.max(0, this.#options.clock.now() - this.#firstDueMs()) }
  }

  #takeTurns(): number {
    let done = 0
    for (const life of this.#lives) {
      if (done === stretch || this.#firstDueMs() > this.#options.clock.now()) break
      this.#lives.delete(life)
      this.#takeTurn(life)
      done += 1
    }
    this.#deleteEnded()
    return done
  }

  #firstDueMs(): number {
    const [first] = this.#lives
    return (first?.issuedMs ?? Infinity) + this.#options.renewalMs
  }

  #takeTurn(life: Life): void {
    this.#turns += 1
    const nowMs = this.#options.clock.now()
    if (life.renewalsLeft > 0) {
      life.renewalsLeft -= 1
      this.#renew(life, nowMs)
      return
    }
    this.#replaced += 1
    if (this.#replaced % endEvery === 0) this.#end(life, nowMs)
    else this.#delete(life)
    this.#create(nowMs)
  }

  #create(nowMs: number): void {
    const { store, workloads } = this.#options
    const index = this.#nextIndex
    const workload = { ...this.#tenants.workloadOf(index), node: nodeName(index % nodesFor(workloads)) }
    this.#nextIndex += 1
    this.#tenants.podComes(workload)
    store.create('pods', podOf(workload))
    this.#renew({ workload, renewalsLeft: index % mostSvids, requests: [], issuedMs: nowMs }, nowMs)
  }

  /** The pod has done its work; its requests stay as long as it does. */
  #end(life: Life, nowMs: number): void {
    const { store, workloads, renewalMs } = this.#options
    store.update('pods', { ...podOf(life.workload), status: { phase: 'Succeeded' } })
    if (this.#staying < Math.floor(this.#replaced / (workloads * stayingShare))) this.#staying += 1
    else this.#ended.add({ life, dueMs: nowMs + renewalMs * endedShare })
  }

  #deleteEnded(): void {
    for (const ended of this.#ended) {
      if (ended.dueMs > this.#options.clock.now()) return
      this.#ended.delete(ended)
      this.#delete(ended.life)
    }
  }

  #delete({ workload, requests }: Life): void {
    const { store } = this.#options
    store.delete('pods', workload.namespace, workload.pod)
    for (const name of requests) store.delete(resource, workload.namespace, name)
    this.#tenants.podGoes(workload)
  }

  /** csi-driver-spiffe keeps the newest request of a volume only, once it is issued. */
  #renew(life: Life, nowMs: number): void {
    const { store } = this.#options
    const denied = this.#turns % denyEvery === 1 ? [this.#deny(life.workload, nowMs)] : []
    const issued = this.#issue(life.workload, nowMs)
    for (const name of [...life.requests, ...denied]) store.delete(resource, life.workload.namespace, name)
    life.requests = [issued]
    life.issuedMs = nowMs
    this.#lives.add(life)
  }

  #issue(workload: Tenant, nowMs: number): string {
    const { requests } = this.#options
    const approved = this.#ask(workload, nowMs, (pending) => requests.approved(pending, nowMs))
    this.#options.store.update(resource, requests.issued(approved, workload, nowMs))
    this.#counted.issued += 1
    return approved.metadata.name
  }

  #deny(workload: Tenant, nowMs: number): string {
    const denied = this.#ask(workload, nowMs, (pending) => withDecision(pending, 'unexpected trust domain', nowMs))
    this.#options.store.update(resource, withRefusal(denied, nowMs))
    this.#counted.denied += 1
    return denied.metadata.name
  }

  /** A new request, and what the approver makes of it. */
  #ask(workload: Tenant, nowMs: number, decide: (pending: CertificateRequest) => CertificateRequest) {
    const { store, requests } = this.#options
    const pending = askedOf(workload.issuer, requests.pending(workload, nowMs))
    const decided = decide(pending)
    store.create(resource, pending)
    store.update(resource, decided)
    return decided
  }
}

/** The request, but asked of an issuer of this name, where there is one. */
function askedOf(issuer: string | undefined, request: CertificateRequest): CertificateRequest {
  if (issuer === undefined) return request
  const issuerRef = { ...(request.spec.issuerRef as object), name: issuer }
  return { ...request, spec: { ...request.spec, issuerRef } }
}
