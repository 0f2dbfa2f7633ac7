import type { Clock } from '../clock.ts'
import { InTurn } from '../inTurn.ts'
import { leaseMs, releasedMs, renewWithinMs, requestMs, retryMs } from './electionTimes.ts'
import { KubernetesError } from './kubernetesError.ts'
import type { Lease, LeaseClient, LeaseFields } from './lease.ts'

/** Returns the text that replaces the one in the Lease, or undefined to keep that one. It is called again if the Lease has changed. */
export type TextChange = (text: string | undefined) => string | undefined

/**
 * What became of a change. `swapped`: it is written, and this process holds the Lease. `kept`: there was nothing to change. `lost`: this
 * process holds the Lease no longer. `failed`: the API server has refused it, or nobody knows whether it is written.
 */
export type Swapped =
  { readonly kind: 'swapped' | 'kept' | 'lost' } | { readonly kind: 'failed'; readonly error: unknown }

/** The time in which this process holds the Lease. */
export interface Leadership {
  /** Aborts when this process holds the Lease no longer. Its reason says why. */
  readonly signal: AbortSignal
  /** The text as this process last read or wrote it. */
  readonly text: string | undefined
  /** How long this process holds the Lease even if it cannot renew it; 0 once it has lost it. */
  readonly leftMs: number
  /** Changes the text by a compare-and-swap, which proves that this process still holds the Lease, and renews it. Never rejects. */
  swap(change: TextChange): Promise<Swapped>
}

export interface TermOptions {
  readonly clock: Clock
  readonly client: LeaseClient
  readonly identity: string
  /** Called after each write: with its error, or without one if it has succeeded. */
  readonly onWrite: (error?: unknown) => void
}

type Write = (text: string | undefined) => Partial<LeaseFields> | undefined

/** The time from one acquisition of the Lease until it is lost or given back. */
export class Term implements Leadership {
  readonly #options: TermOptions
  readonly #ended = new AbortController()
  readonly #writes = new InTurn()
  readonly #acquiredMs: number
  #lease: Lease
  /** In the time of `Clock.monotonicMs`. */
  #validUntilMs: number

  /** `lease` has just been acquired by a request that was sent at `sentMs`, in the time of `Clock.monotonicMs`. */
  constructor(options: TermOptions, lease: Lease, sentMs: number) {
    this.#options = options
    this.#lease = lease
    this.#acquiredMs = options.clock.now()
    this.#validUntilMs = sentMs + renewWithinMs
    void this.#endInTime()
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get text(): string | undefined {
    return this.#lease.text
  }

  get leftMs(): number {
    if (this.signal.aborted) return 0
    return Math.max(0, this.#validUntilMs - this.#options.clock.monotonicMs())
  }

  swap(change: TextChange): Promise<Swapped> {
    return this.#inTurn((stored) => {
      const text = change(stored)
      return text === undefined ? undefined : { text }
    })
  }

  /** Renews the Lease regularly until `signal` aborts, or the Lease is lost. */
  async renew(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.signal])
    for (;;) {
      await this.#options.clock.sleep(retryMs, until)
      if (until.aborted) return
      await this.#inTurn(() => ({}))
    }
  }

  /** Gives the Lease back, if this process still holds it, so that another one can take it at once. */
  async release(): Promise<void> {
    await this.#inTurn(() => ({ holder: '', durationMs: releasedMs }))
    this.#end('the Lease was given back')
  }

  /** The writes of one process never conflict with each other. */
  async #inTurn(write: Write): Promise<Swapped> {
    const never = new AbortController().signal
    const swapped = await this.#writes
      .run(never, () => this.#write(write))
      .catch((error: unknown) => ({ kind: 'failed' as const, error }))
    if (swapped.kind === 'failed') this.#options.onWrite(swapped.error)
    if (swapped.kind === 'swapped') this.#options.onWrite()
    return swapped
  }

  async #write(write: Write, isRepeated = false): Promise<Swapped> {
    const { clock, client, identity } = this.#options
    if (this.leftMs === 0) return { kind: 'lost' }
    const change = write(this.#lease.text)
    if (change === undefined) return { kind: 'kept' }
    const { transitions, text } = this.#lease
    const times = { acquiredMs: this.#acquiredMs, renewedMs: clock.now() }
    const fields = { holder: identity, durationMs: leaseMs, transitions, text, ...times, ...change }
    const sentMs = clock.monotonicMs()
    try {
      const written = await client.replace(this.#lease, fields, this.#limits())
      // What is written after the time has run out is no renewal: another process may have counted from the one before.
      if (this.leftMs === 0) return { kind: 'lost' }
      this.#lease = written
      this.#validUntilMs = sentMs + renewWithinMs
      return { kind: 'swapped' }
    } catch (error) {
      if (this.leftMs === 0) return { kind: 'lost' }
      if (isRepeated || !isOutdated(error)) return { kind: 'failed', error }
    }
    return (await this.#isStillHeld()) ? this.#write(write, true) : { kind: 'lost' }
  }

  /** Looks at a Lease that has changed. It may have changed by a write of this process whose answer was lost. */
  async #isStillHeld(): Promise<boolean> {
    const { client, identity } = this.#options
    const lease = await client.get(this.#limits())
    const isHeld = lease?.uid === this.#lease.uid && lease.holder === identity
    if (isHeld) this.#lease = lease
    else this.#end(lease === undefined ? 'the Lease was deleted' : 'somebody else has taken or changed the Lease')
    return isHeld
  }

  #limits() {
    return { signal: this.signal, timeoutMs: Math.min(requestMs, this.leftMs) }
  }

  async #endInTime(): Promise<void> {
    while (this.leftMs > 0) await this.#options.clock.sleep(this.leftMs, this.signal)
    this.#end(`the Lease could not be renewed within ${renewWithinMs / 1000} s`)
  }

  /** The first reason counts. */
  #end(reason: string): void {
    this.#ended.abort(new Error(reason))
  }
}

/** Reports whether the Lease was changed, or deleted, since it was last read. */
const isOutdated = (error: unknown): boolean =>
  error instanceof KubernetesError && (error.code === 'conflict' || error.missing === 'object')
