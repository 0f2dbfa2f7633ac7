import type { Clock } from '../../src/clock.ts'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import type { ObjectStore } from '../../src/world/apiServer/store.ts'
import { workloadOf, type Requests } from './workloads.ts'

/** How many workloads to renew, and how many events to write in a second. */
export interface Renewing {
  readonly renew: number
  readonly perSecond: number
  /** Nobody answers the new requests: they wait. The old ones are gone nevertheless, as drivers have it. */
  readonly unanswered?: boolean
}

/** When an event was written, by the resourceVersion that it made. */
export type Written = readonly [resourceVersion: string, atMs: number]

/** Created, approved, issued; and the old one deleted. */
export const eventsPerRenewal = 4
/** Created, and the old one deleted. */
const eventsPerUnanswered = 2

interface RenewalsOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly requests: Requests
  /** The name of each workload's newest request. */
  readonly names: string[]
}

const resource = 'certificaterequests'

/** Renews workloads as csi-driver-spiffe, the approver and cert-manager do together, one after the other. */
export class Renewals {
  readonly #options: RenewalsOptions
  #next = 0

  constructor(options: RenewalsOptions) {
    this.#options = options
  }

  async run({ renew, perSecond, unanswered = false }: Renewing): Promise<readonly Written[]> {
    const { clock } = this.#options
    const written: Written[] = []
    const sinceMs = clock.now()
    const renewalsPerMs = perSecond / 1000 / (unanswered ? eventsPerUnanswered : eventsPerRenewal)
    for (let done = 0; done < renew;) {
      const due = Math.floor((clock.now() - sinceMs) * renewalsPerMs)
      for (const until = Math.min(renew, due); done < until; done += 1) this.#renew(written, unanswered)
      await clock.sleep(5)
    }
    return written
  }

  #renew(written: Written[], unanswered: boolean): void {
    const { clock, store, requests, names } = this.#options
    const workload = workloadOf(this.#next)
    const { namespace, index } = workload
    const nowMs = clock.now()
    const write = (change: () => KubernetesObject) => {
      const atMs = clock.now()
      written.push([change().metadata.resourceVersion ?? '', atMs])
    }
    const pending = requests.pending(workload, nowMs)
    const create = () => write(() => store.create(resource, pending))
    const deleteOld = () => write(() => store.delete(resource, namespace, names[index] ?? ''))
    if (unanswered) {
      deleteOld()
      create()
    } else {
      const approved = requests.approved(pending, nowMs)
      const issued = requests.issued(approved, workload, nowMs)
      create()
      write(() => store.update(resource, approved))
      write(() => store.update(resource, issued))
      deleteOld()
    }
    names[index] = pending.metadata.name
    this.#next = (this.#next + 1) % names.length
  }
}
