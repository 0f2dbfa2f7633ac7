import type { Clock } from '../../clock.ts'
import { messageOf, SvidwatchError } from '../../errors.ts'
import type { Report } from '../../ledger/observations.ts'
import { heartbeatMs, silentMs } from '../../nodeStream/contract.ts'
import type { TokenSigner } from '../../nodeStream/tokens.ts'
import { retry, type Life } from '../../retry/retry.ts'
import { Allowance, TooMuchError } from './allowance.ts'
import { openFindings, urlOf } from './connection.ts'
import type { Endpoint } from './endpointSlice.ts'
import { FindingsError } from './findingsError.ts'
import { Intake } from './intake.ts'
import { Standing } from './standing.ts'
import type { Turnstile } from './turnstile.ts'

export interface FollowerOptions {
  readonly endpoint: Endpoint
  readonly clock: Clock
  readonly signer: Pick<TokenSigner, 'tokenFor'>
  /** Limits how many followers connect at once. */
  readonly connecting: Turnstile
  /** Limits how many followers read their first snapshot at once. */
  readonly synchronizing: Turnstile
  readonly report: Report
  readonly signal: AbortSignal
}

/** A stream that has lasted this long is a success: the next failure counts as the first in a row. */
const steadyMs = heartbeatMs

/** A node role that takes longer for its first snapshot no longer holds up others. */
const synchronizingMs = 5_000

/** How long a node role is left alone that has sent too much. Its allowance has recovered by then. */
const tooMuchWaitMs = 60_000

/** How long a node role may take to report whether it sees its files. What it reported on an earlier stream is outdated by then. */
const sightTimeoutMs = silentMs

/** Follows the findings of one endpoint until it is stopped. Failures are reported and retried. */
export class Follower {
  readonly endpoint: Endpoint
  readonly #options: FollowerOptions
  readonly #report: Report
  readonly #standing: Standing
  readonly #allowance: Allowance

  constructor(options: FollowerOptions) {
    const { endpoint, clock, signal } = options
    this.endpoint = endpoint
    this.#options = options
    this.#report = (observation) => {
      if (!signal.aborted) options.report(observation)
    }
    this.#standing = new Standing(endpoint.node, this.#report)
    this.#allowance = new Allowance(clock)
  }

  /** Resolves after the first contact or trouble, or when the follower has ended. */
  get concluded(): Promise<void> {
    return this.#standing.concluded
  }

  /** Resolves soon after the signal aborts. Never rejects. Nothing is reported after the abort. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options
    await retry<never>({
      ...{ clock, signal, steadyMs },
      attempt: (life) => this.#attempt(life),
      waitAfter: (thrown) => (thrown instanceof TooMuchError ? { retryAfterMs: tooMuchWaitMs } : {}),
      failed: (thrown) => this.#reportTrouble(thrown),
    })
    this.#standing.conclude()
  }

  async #attempt(life: Life): Promise<undefined> {
    const lines = await this.#connect()
    life.begun()
    await this.#follow(lines)
    if (!life.isSteady) throw new FindingsError('protocol', 'the stream ended immediately')
  }

  async #connect(): Promise<AsyncIterable<string>> {
    const { endpoint, clock, signer, connecting, signal } = this.#options
    const leave = await connecting.enter()
    try {
      signal.throwIfAborted()
      const token = await signer.tokenFor(endpoint.node)
      return await openFindings({ ...endpoint, token, clock, allowance: this.#allowance, signal })
    } finally {
      leave()
    }
  }

  async #follow(lines: AsyncIterable<string>): Promise<void> {
    const { endpoint, clock, synchronizing } = this.#options
    const leave = await synchronizing.enter()
    const synced = new AbortController()
    const ended = new AbortController()
    const intake = new Intake(endpoint.node, this.#standing, this.#report)
    void clock.sleep(synchronizingMs, synced.signal).then(leave)
    void this.#expectSight(intake, ended.signal)
    try {
      for await (const line of lines) {
        intake.take(line)
        if (intake.isSynced) synced.abort()
      }
    } finally {
      synced.abort()
      ended.abort()
    }
  }

  async #expectSight(intake: Intake, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(sightTimeoutMs, signal)
    if (signal.aborted || intake.hasReportedSight) return
    this.#reportTrouble(
      new FindingsError(
        'timeout',
        `the node role has not reported within ${sightTimeoutMs / 1000} s whether it sees its files`,
      ),
    )
  }

  #reportTrouble(thrown: unknown): undefined {
    if (thrown instanceof TooMuchError) {
      const where = `the node role of ${this.endpoint.node}`
      this.#report({
        kind: 'rejected',
        source: 'nodeFindings',
        reason: 'too_many_lines',
        where,
        detail: thrown.message,
      })
    }
    if (thrown instanceof FindingsError) {
      this.#standing.trouble(thrown.code, `${urlOf(this.endpoint)}: ${thrown.message}`)
    } else {
      // Any other SvidwatchError comes from the signer: its key file cannot be used.
      this.#standing.trouble(thrown instanceof SvidwatchError ? 'configuration' : 'internal', messageOf(thrown))
    }
  }
}
