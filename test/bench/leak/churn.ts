import { systemClock, type Clock } from '../../../src/clock.ts'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import type { ObjectStore } from '../../../src/world/apiServer/store.ts'
import { withDecision, withRefusal } from '../../../src/world/verdicts.ts'
import { nodeName, nodesFor, podOf, workloadOf, type Requests, type Workload } from '../workloads.ts'

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
  /** The names of the pods that hold an SVID. */
  readonly pods: ReadonlySet<string>
  /** How many requests were issued and denied since the churn began. */
  readonly issued: number
  readonly denied: number
  /** By how much the oldest thing that is due is late, in ms of simulated time. */
  readonly lateMs: number
}

/** A running workload, its requests, and when its SVID was issued. */
interface Life {
  readonly workload: Workload
  requests: readonly string[]
  issuedMs: number
}

const resource = 'certificaterequests'

/** Instead of a renewal, every so many turns a pod is replaced by another one of another name, as by a rollout. */
const replaceEvery = 5
/** Every so many requests are denied first, and made again. */
const denyEvery = 97
/** So many turns are taken at a stretch: what is written must get its turn to be sent, and scrapes theirs. */
const stretch = 5
/** How often it is looked whether something is due, in real time. */
const tickMs = 10

/** Workloads that are renewed, replaced, and sometimes denied, for as long as it is asked for. */
export class Churn {
  readonly #options: ChurnOptions
  /** The one that is due first comes first, since the time from one turn to the next is the same for all. */
  readonly #lives = new Set<Life>()
  #nextIndex = 0
  #turns = 0
  #counted = { issued: 0, denied: 0 }

  constructor(options: ChurnOptions) {
    this.#options = options
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
    return done
  }

  #firstDueMs(): number {
    const [first] = this.#lives
    return (first?.issuedMs ?? Infinity) + this.#options.renewalMs
  }

  #takeTurn(life: Life): void {
    this.#turns += 1
    const nowMs = this.#options.clock.now()
    if (this.#turns % replaceEvery === 0) {
      this.#delete(life)
      this.#create(nowMs)
    } else {
      this.#renew(life, nowMs)
    }
  }

  #create(nowMs: number): void {
    const { store, workloads } = this.#options
    const index = this.#nextIndex
    const workload = { ...workloadOf(index), node: nodeName(index % nodesFor(workloads)) }
    this.#nextIndex += 1
    store.create('pods', podOf(workload))
    this.#renew({ workload, requests: [], issuedMs: nowMs }, nowMs)
  }

  #delete({ workload: { namespace, pod }, requests }: Life): void {
    const { store } = this.#options
    store.delete('pods', namespace, pod)
    for (const name of requests) store.delete(resource, namespace, name)
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

  #issue(workload: Workload, nowMs: number): string {
    const { requests } = this.#options
    const approved = this.#ask(workload, nowMs, (pending) => requests.approved(pending, nowMs))
    this.#options.store.update(resource, requests.issued(approved, workload, nowMs))
    this.#counted.issued += 1
    return approved.metadata.name
  }

  #deny(workload: Workload, nowMs: number): string {
    const denied = this.#ask(workload, nowMs, (pending) => withDecision(pending, 'unexpected trust domain', nowMs))
    this.#options.store.update(resource, withRefusal(denied, nowMs))
    this.#counted.denied += 1
    return denied.metadata.name
  }

  /** A new request, and what the approver makes of it. */
  #ask(workload: Workload, nowMs: number, decide: (pending: CertificateRequest) => CertificateRequest) {
    const { store, requests } = this.#options
    const pending = requests.pending(workload, nowMs)
    const decided = decide(pending)
    store.create(resource, pending)
    store.update(resource, decided)
    return decided
  }
}
