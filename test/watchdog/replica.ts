import type { Decide, Decision } from '../../src/watchdog/decide.ts'
import { parseHistory, serializeHistory } from '../../src/watchdog/history/encoding.ts'
import type { History } from '../../src/watchdog/history/history.ts'
import { abandoned, acted, refused, reserve } from '../../src/watchdog/history/transitions.ts'
import type { Policy } from '../../src/watchdog/policy.ts'
import { settle } from '../../src/watchdog/settle.ts'
import type { OwnerSight } from '../../src/watchdog/sight.ts'
import type { Answer, Api, Lease } from './api.ts'
import type { Observer } from './observer.ts'
import { epochMs } from './told.ts'
import { secondMs, type Pod, type World } from './world.ts'

export interface Surroundings {
  readonly world: World
  readonly api: Api
  readonly observer: Observer
  readonly policy: Policy
  readonly decide: Decide
}

const leaseMs = 30 * secondMs

/** How much clocks are ahead: the replica's own one, and that of the API server that it asks. */
export interface Clocks {
  readonly ownMs: number
  readonly apiMs: number
}

/**
 * One replica of the watchdog, and how it acts. Between any two of its steps it may be killed, or stand still while another one leads. It
 * remembers nothing but when it saw the Lease change.
 */
export class Replica {
  readonly name: string
  readonly #around: Surroundings
  readonly #clocks: Clocks
  /** How much its own clock is ahead of the API server's, by the last answer. */
  #aheadMs = 0
  #seen = { version: 0, atMs: 0 }

  constructor(name: string, around: Surroundings, clocks: Clocks) {
    this.name = name
    this.#around = around
    this.#clocks = clocks
  }

  /** One round. Each `yield` is a moment at which it may die or stand still. */
  *round(): Generator<undefined, void> {
    const lease = this.#lead()
    yield
    if (lease === undefined) return
    const parsed = parseHistory(lease.text)
    if ('problem' in parsed) throw new Error(parsed.problem)
    const { observer, policy, decide } = this.#around
    const settled = settle(parsed.history, (owner) => this.#sightOf(owner), policy, this.#nowMs)
    yield
    const stored = settled === parsed.history ? lease : this.#store(settled, lease)
    yield
    if (stored === undefined) return
    const decisions = decide(observer.situation(), policy, settled, this.#nowMs)
    yield* this.#actOn(decisions, settled, stored)
  }

  *#actOn(decisions: readonly Decision[], before: History, lease: Lease): Generator<undefined, void> {
    const { actWithinMs } = this.#around.policy.verify
    let history = before
    let last: Lease | undefined = lease
    for (const decision of decisions) {
      if (decision.is === 'held') continue
      const reservation = history.next
      history = reserve(history, decision.wanted, this.#nowMs)
      last = this.#store(history, last)
      const reservedMs = this.#around.world.nowMs
      yield
      if (last === undefined) return
      if (this.#around.world.nowMs - reservedMs > actWithinMs) return
      if (!this.#mayAct()) {
        this.#store(refused(history, reservation, this.#nowMs), last)
        return
      }
      yield
      if (this.#around.world.nowMs - reservedMs > actWithinMs) return
      const asked = { reservation, isCanary: decision.is === 'canary', replica: this.name }
      history = this.#note(history, reservation, this.#around.api.evict(decision.wanted.pod, asked))
      yield
      last = this.#store(history, last)
      if (last === undefined) return
      yield
    }
  }

  /** What nobody knows stays reserved: it is looked at again. */
  #note(history: History, id: number, answer: Answer<'evicted' | 'gone'>): History {
    if (answer.is === 'ok') return (answer.value === 'gone' ? abandoned : acted)(history, id, this.#nowMs)
    return answer.is === '429' ? refused(history, id, this.#nowMs) : history
  }

  /** The time by the clock of the API server, because all replicas have that one in common. */
  get #nowMs(): number {
    return this.#ownNowMs - this.#aheadMs
  }

  get #ownNowMs(): number {
    return epochMs + this.#around.world.nowMs + this.#clocks.ownMs
  }

  #mayAct(): boolean {
    const answer = this.#around.api.getSwitch()
    return answer.is === 'ok' && answer.value
  }

  /** Takes the Lease if nobody has renewed it for its time. Returns it if this replica leads. */
  #lead(): Lease | undefined {
    const answer = this.#around.api.getLease()
    if (answer.is !== 'ok') return undefined
    const { nowMs } = this.#around.world
    this.#aheadMs = this.#ownNowMs - (epochMs + nowMs + this.#clocks.apiMs)
    const lease = answer.value
    if (lease.version !== this.#seen.version) this.#seen = { version: lease.version, atMs: nowMs }
    if (lease.holder !== this.name && lease.holder !== '' && nowMs - this.#seen.atMs < leaseMs) return undefined
    const taken = this.#around.api.putLease({ holder: this.name, text: lease.text }, lease.version)
    return taken.is === 'ok' ? taken.value : undefined
  }

  #store(history: History, lease: Lease): Lease | undefined {
    const answer = this.#around.api.putLease({ holder: this.name, text: serializeHistory(history) }, lease.version)
    return answer.is === 'ok' ? answer.value : undefined
  }

  #sightOf(owner: string): OwnerSight | undefined {
    const answer = this.#around.api.podsOf(owner)
    if (answer.is !== 'ok') return undefined
    return { seenMs: this.#nowMs, pods: answer.value.map((pod) => this.#podSight(pod)) }
  }

  #podSight({ uid, createdMs, startedMs }: Pod) {
    const isRunning = startedMs !== undefined
    const svids = [this.#around.observer.svidOf(uid)]
    return { uid, createdMs: epochMs + createdMs, isRunning, isLeaving: false, svids }
  }
}
