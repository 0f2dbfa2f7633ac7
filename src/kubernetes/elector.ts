import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { printable } from '../text/printable.ts'
import { jitter, leaseMs, requestMs, retryMs, silenceMs } from './electionTimes.ts'
import { KubernetesError } from './kubernetesError.ts'
import { Term, type Leadership } from './leadership.ts'
import type { Lease, LeaseClient } from './lease.ts'

export interface ElectorOptions {
  readonly clock: Clock
  readonly client: LeaseClient
  /** Names this process. No other may ever have the same, also no later one of the same pod. */
  readonly identity: string
  /**
   * Works while this process holds the Lease. It must end soon after the signal of the leadership, or that of `run`, has aborted. When it
   * ends, the Lease is given back.
   */
  readonly lead: (leadership: Leadership) => Promise<void>
  /** Reports whether a text may be written again into a Lease that was deleted. By default none is. It must not throw. */
  readonly restores?: (text: string) => boolean
  /** Called with the first problem after a success. */
  readonly onProblem?: (message: string) => void
}

/**
 * Elector lets one of several processes lead at a time, by a Lease. All times are by the monotonic clock, so that a clock that is set has
 * no effect. While the whole machine stands still, its clock may do so too: what must not happen twice begins with a `swap`.
 */
export class Elector {
  readonly #options: ElectorOptions
  #term: Term | undefined
  #seen: Seen | undefined
  #restorable: string | undefined
  #hasProblem = false
  /** The number of requests for the Lease that have failed. */
  failures = 0

  constructor(options: ElectorOptions) {
    this.#options = options
  }

  get isLeader(): boolean {
    return this.#term !== undefined && this.#term.leftMs > 0
  }

  /** Who holds the Lease, as far as this process knows; undefined if nobody does. Anyone may have written it, so it is made harmless. */
  get holder(): string | undefined {
    if (this.isLeader) return this.#options.identity
    return printable(this.#seen?.lease.holder ?? '', { maxLength: 128 }) || undefined
  }

  /** The text in the Lease as last seen. */
  get text(): string | undefined {
    return this.#term === undefined ? this.#seen?.lease.text : this.#term.text
  }

  /** Takes part in the election until `signal` aborts, then gives the Lease back. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#term = await this.#tryToAcquire(signal)
      if (this.#term !== undefined) await this.#lead(this.#term, signal)
      this.#term = undefined
      await this.#options.clock.sleep(retryMs * (1 + jitter * this.#options.clock.random()), signal)
    }
  }

  /** Looks at the Lease once, and takes it if it may. */
  async #tryToAcquire(signal: AbortSignal): Promise<Term | undefined> {
    const limits = { signal, timeoutMs: requestMs }
    const { client, clock } = this.#options
    try {
      const lease = (await client.get(limits)) ?? (await client.create(this.#restorable, leaseMs, limits))
      const seen = this.#see(lease)
      const isFree = clock.monotonicMs() - seen.sinceMs >= silenceMs(lease)
      const term = isFree ? await this.#take(lease, limits) : undefined
      this.#succeed()
      return term
    } catch (error) {
      if (!isOvertaken(error) && !signal.aborted) this.#fail(error)
      return undefined
    }
  }

  async #take(lease: Lease, limits: { signal: AbortSignal; timeoutMs: number }): Promise<Term> {
    const { clock, client, identity } = this.#options
    const [sentMs, nowMs] = [clock.monotonicMs(), clock.now()]
    const { transitions, text } = lease
    const times = { durationMs: leaseMs, acquiredMs: nowMs, renewedMs: nowMs }
    const taken = await client.replace(
      lease,
      { holder: identity, transitions: transitions + 1, text, ...times },
      limits,
    )
    const onWrite = (error?: unknown) => (error === undefined ? this.#succeed() : this.#fail(error))
    return new Term({ clock, client, identity, onWrite }, taken, sentMs)
  }

  async #lead(term: Term, signal: AbortSignal): Promise<void> {
    const renewing = term.renew(signal)
    try {
      await this.#options.lead(term)
    } catch (error) {
      if (!signal.aborted && !term.signal.aborted) this.#fail(error)
    }
    this.#remember(term.text)
    await term.release()
    await renewing
  }

  /** A Lease counts as unchanged from the time at which this process has first seen its state. */
  #see(lease: Lease): Seen {
    this.#remember(lease.text)
    const { uid, resourceVersion } = lease
    const known = this.#seen?.lease
    const isKnown = known?.uid === uid && known.resourceVersion === resourceVersion
    this.#seen = { lease, sinceMs: isKnown ? (this.#seen?.sinceMs ?? NaN) : this.#options.clock.monotonicMs() }
    return this.#seen
  }

  #remember(text: string | undefined): void {
    if (text !== undefined && this.#options.restores?.(text) === true) this.#restorable = text
  }

  #succeed(): void {
    this.#hasProblem = false
  }

  #fail(error: unknown): void {
    this.failures += 1
    const { client, onProblem } = this.#options
    if (!this.#hasProblem) onProblem?.(`${client.place}: ${messageOf(error)}`)
    this.#hasProblem = true
  }
}

/** A state of the Lease, and since when it is known, in the time of `Clock.monotonicMs`. */
interface Seen {
  readonly lease: Lease
  readonly sinceMs: number
}

/** Reports whether another process was faster, which is no problem. */
const isOvertaken = (error: unknown): boolean => error instanceof KubernetesError && error.code === 'conflict'
