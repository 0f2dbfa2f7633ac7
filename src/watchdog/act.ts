import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import { evict } from '../kubernetes/eviction.ts'
import type { Leadership, Swapped } from '../kubernetes/leadership.ts'
import type { EventText } from '../kubernetes/podEvents.ts'
import { lookAtPod, type PodReference, type PodState } from '../kubernetes/podState.ts'
import type { Acted, LookedUp, Settled } from './acted.ts'
import { eventTextOf } from './eventTexts.ts'
import type { SwitchState } from './killSwitch.ts'
import type { ActHistory, Intent, Outcome, Reservation } from './reservation.ts'

export interface ActorOptions<Planned extends Intent> {
  readonly clock: Clock
  readonly client: Pick<KubernetesClient, 'request'>
  readonly history: ActHistory<Planned>
  readonly killSwitch: { read(options: { signal: AbortSignal }): Promise<SwitchState> }
  readonly events: { tell(pod: PodReference, text: EventText, signal: AbortSignal): Promise<void> }
}

const evictionTimeoutMs = 10_000
const lookTimeoutMs = 5_000
/** API servers give up a request after a minute (`--request-timeout`). What has had no effect by then will have none. */
const lateMs = 75_000

/** The outcomes that could not be written down yet; more than there ever are. */
const maxKnown = 100

/** Does what was decided, one act after the other, each at most once, whatever fails and whenever this process ends. */
export class Actor<Planned extends Intent = Intent> {
  readonly #options: ActorOptions<Planned>
  /** What this process knows of reservations that may be open in the Lease, by their ids. */
  readonly #known = new Map<string, Outcome>()
  /** When this process has first seen each open reservation, in the time of `Clock.monotonicMs`. */
  #seenMs = new Map<string, number>()
  #leadership: Leadership | undefined

  constructor(options: ActorOptions<Planned>) {
    this.#options = options
  }

  /** Reserves an act, does it, writes down what became of it, and tells of it. Never rejects. */
  async act(leadership: Leadership, intent: Planned): Promise<Acted> {
    this.#begin(leadership)
    const reserved = await this.#reserve(leadership, intent)
    if ('reason' in reserved) return { kind: 'not_reserved', ...reserved }
    const { reservation } = reserved
    const outcome = await this.#carryOut(leadership, reservation)
    if ('reason' in outcome) return { kind: 'open', reservation, ...outcome }
    return this.#settle(leadership, reservation, outcome, intent.why)
  }

  /**
   * Settles the reservations of which nobody knows what became, of this process or of one that led before. Call it before each `act`,
   * which does nothing while one is open. Never rejects.
   */
  async settleOpen(leadership: Leadership): Promise<LookedUp> {
    this.#begin(leadership)
    const settled: Settled[] = []
    const waiting: LookedUp['waiting'][number][] = []
    const open = this.#options.history.open(leadership.text)
    if ('problem' in open) return { settled, waiting }
    const nowMs = this.#options.clock.monotonicMs()
    this.#seenMs = new Map(open.map(({ id }) => [id, this.#seenMs.get(id) ?? nowMs]))
    for (const reservation of open) {
      const outcome = this.#known.get(reservation.id) ?? (await this.#lookUp(leadership, reservation))
      if ('reason' in outcome) waiting.push({ reservation, ...outcome })
      else settled.push(await this.#settle(leadership, reservation, outcome))
    }
    return { settled, waiting }
  }

  /** Another process may have led since the last leadership, and its reservations may have the ids of those that are known here. */
  #begin(leadership: Leadership): void {
    if (leadership === this.#leadership) return
    this.#leadership = leadership
    this.#known.clear()
    this.#seenMs.clear()
  }

  /** No reservation is made while one is open, so that a process that takes over has at most one to look at. */
  async #reserve(leadership: Leadership, intent: Planned): Promise<{ reservation: Reservation } | { reason: string }> {
    const { history, clock } = this.#options
    const last: { reserved?: ReturnType<typeof history.reserve> } = {}
    const swapped = await leadership.swap((text) => {
      const refusal = this.#refusalBy(text)
      const reserved = refusal === undefined ? history.reserve(text, intent, clock.now()) : { refusal }
      last.reserved = reserved
      return 'text' in reserved ? reserved.text : undefined
    })
    if (last.reserved === undefined) return { reason: reasonOf(swapped) }
    if ('refusal' in last.reserved) return { reason: last.reserved.refusal }
    const { reservation } = last.reserved
    if (swapped.kind === 'swapped') {
      // One that could not be written may have had the same id, which the history takes from its text.
      this.#known.delete(reservation.id)
      return { reservation }
    }
    this.#remember(reservation, { code: 'not_done' })
    return { reason: reasonOf(swapped) }
  }

  #refusalBy(text: string | undefined): string | undefined {
    const open = this.#options.history.open(text)
    if ('problem' in open) return open.problem
    return open.length > 0 ? 'an earlier reservation is not settled' : undefined
  }

  async #carryOut(leadership: Leadership, reservation: Reservation): Promise<Outcome | { reason: string }> {
    const { client, killSwitch } = this.#options
    const { signal } = leadership
    const switched = await killSwitch.read({ signal })
    if (leadership.leftMs === 0) {
      this.#remember(reservation, { code: 'not_done' })
      return { reason: 'the Lease was lost before the pod was evicted' }
    }
    if (!switched.acts) return { code: 'switched_off', detail: switched.detail }
    const { code, ...rest } = await evict(client, reservation.pod, { signal, timeoutMs: evictionTimeoutMs })
    if (code !== 'unknown') return { code, ...rest }
    const state = await this.#lookAt(leadership, reservation)
    return isAway(state) ? { code: 'presumed', ...rest } : { reason: rest.detail ?? 'the answer is unknown' }
  }

  async #lookUp(leadership: Leadership, reservation: Reservation): Promise<Outcome | { reason: string }> {
    const state = await this.#lookAt(leadership, reservation)
    if (typeof state !== 'string') return state
    if (isAway(state)) return { code: 'presumed' }
    const seenMs = this.#seenMs.get(reservation.id) ?? Infinity
    if (this.#options.clock.monotonicMs() - seenMs >= lateMs) return { code: 'not_done' }
    return { reason: 'nobody knows whether the eviction was asked for, and it may still take effect' }
  }

  /** Looks at the pod, or returns why nobody can tell what has become of it. */
  async #lookAt({ signal }: Leadership, { pod }: Reservation): Promise<PodState | { reason: string }> {
    try {
      return await lookAtPod(this.#options.client, pod, { signal, timeoutMs: lookTimeoutMs })
    } catch (error) {
      return { reason: messageOf(error) }
    }
  }

  async #settle(leadership: Leadership, reservation: Reservation, outcome: Outcome, why?: string): Promise<Settled> {
    const { history, clock, events } = this.#options
    const { id, pod } = reservation
    const { kind } = await leadership.swap((text) => history.settle(text, id, outcome, clock.now()))
    const isWritten = kind === 'swapped'
    if (isWritten) {
      this.#known.delete(id)
      await events.tell(pod, eventTextOf(outcome, why), leadership.signal)
    } else this.#remember(reservation, outcome)
    return { kind: 'settled', reservation, outcome, isWritten }
  }

  #remember({ id }: Reservation, outcome: Outcome): void {
    this.#known.set(id, outcome)
    const [oldest] = this.#known.keys()
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** Reports whether the pod is gone, or being deleted. */
const isAway = (state: PodState | object): boolean => typeof state === 'string' && state !== 'there'

function reasonOf(swapped: Swapped): string {
  if (swapped.kind === 'failed') return `the Lease cannot be written: ${messageOf(swapped.error)}`
  return 'this process does not hold the Lease'
}
