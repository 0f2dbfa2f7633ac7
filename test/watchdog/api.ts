import { faultOf, isIn, type Troubles } from './troubles.ts'
import type { Pod, World } from './world.ts'

/** The object that replicas compare and swap. */
export interface Lease {
  readonly version: number
  readonly holder: string
  readonly text: string | undefined
}

export type Answer<Value> =
  { readonly is: 'ok'; readonly value: Value } | { readonly is: '409' | '429' | '500' | 'time-out' }

/** One eviction that the API was asked for. */
export interface Asked {
  readonly reservation: number
  readonly isCanary: boolean
  readonly replica: string
}

/** What the judge hears of the API. */
export interface Witness {
  stored(text: string | undefined): void
  evicted(pod: Pod, asked: Asked): void
}

/** The Kubernetes API, as far as a watchdog uses it. Every call may fail. */
export class Api {
  readonly #world: World
  readonly #witness: Witness
  readonly #troubles: Troubles
  #lease: Lease = { version: 1, holder: '', text: undefined }

  constructor(world: World, witness: Witness, troubles: Troubles) {
    this.#world = world
    this.#witness = witness
    this.#troubles = troubles
  }

  getLease(): Answer<Lease> {
    return this.#call(() => this.#lease)
  }

  putLease(after: Omit<Lease, 'version'>, version: number): Answer<Lease> | { readonly is: '409' } {
    if (version !== this.#lease.version) return { is: '409' }
    return this.#call(() => {
      this.#lease = { ...after, version: version + 1 }
      this.#witness.stored(after.text)
      return this.#lease
    })
  }

  /** Reports whether the kill switch allows acts. */
  getSwitch(): Answer<boolean> {
    return this.#call(() => !isIn(this.#troubles.forbidden, this.#world.nowMs))
  }

  podsOf(ownerKey: string): Answer<readonly Pod[]> {
    return this.#call(() => [...this.#world.pods.values()].filter(({ owner }) => owner.key === ownerKey))
  }

  /** Evicts the pod with this uid, if its budget allows that. */
  evict(uid: string, asked: Asked): Answer<'evicted' | 'gone'> {
    const pod = this.#world.pods.get(uid)
    if (pod && !this.#isInBudget(pod)) return { is: '429' }
    return this.#call(() => {
      if (pod === undefined) return 'gone'
      this.#witness.evicted(pod, asked)
      this.#world.evict(pod)
      return 'evicted'
    })
  }

  #isInBudget({ owner }: Pod): boolean {
    const away = this.#world.podsOf(owner).filter(({ startedMs }) => startedMs === undefined).length
    return owner.mayBeAway === undefined || away < owner.mayBeAway
  }

  #call<Value>(call: () => Value): Answer<Value> {
    const fault = faultOf(this.#world.chance, this.#troubles, this.#world.nowMs)
    switch (fault) {
      case 'none':
        return { is: 'ok', value: call() }
      case 'time-out, done':
        call()
        return { is: 'time-out' }
      case 'time-out, not done':
        return { is: 'time-out' }
      case '429':
      case '500':
        return { is: fault }
    }
  }
}
