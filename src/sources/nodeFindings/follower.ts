import type { Clock } from '../../clock.ts'
import { messageOf, SvidwatchError } from '../../errors.ts'
import type { Report } from '../../ledger/observations.ts'
import { heartbeatMs, silentMs } from '../../nodeStream/contract.ts'
import type { TokenSigner } from '../../nodeStream/tokens.ts'
import { retry, type Life } from '../../retry/retry.ts'
import { FindingsError, openFindings, urlOf } from './connection.ts'
import type { Endpoint } from './endpointSlice.ts'
import { Intake } from './intake.ts'
import { Standing } from './standing.ts'
import type { Turnstile } from './turnstile.ts'

export interface FollowerOptions {
  readonly endpoint: Endpoint
  readonly clock: Clock
  readonly signer: Pick<TokenSigner, 'tokenFor'>
  /** Where all followers wait to connect. */
  readonly connecting: Turnstile
  /** Where all followers wait to take in what a node role knows when its stream begins. */
  readonly takingIn: Turnstile
  readonly report: Report
  readonly signal: AbortSignal
}

/** A stream that has lived this long is a success: the next failure is the first one in a row. */
const steadyMs = heartbeatMs

/** Who takes longer to tell what it knows holds up nobody else. */
const takingInMs = 5_000

/** So long a node role may leave open whether it sees its node's files. What it was believed to see before is old by then. */
const sightMs = silentMs

/** Follows the findings at one endpoint for good: whatever fails is reported and tried again. */
export class Follower {
  readonly endpoint: Endpoint
  readonly #options: FollowerOptions
  readonly #report: Report
  readonly #standing: Standing

  constructor(options: FollowerOptions) {
    const { endpoint, signal } = options
    this.endpoint = endpoint
    this.#options = options
    this.#report = (observation) => {
      if (!signal.aborted) options.report(observation)
    }
    this.#standing = new Standing(endpoint.node, this.#report)
  }

  /** Resolves once it is known how it goes, well or badly, or once it has ended. */
  get concluded(): Promise<void> {
    return this.#standing.concluded
  }

  /** Resolves soon after the signal aborts, and never rejects. Nothing is reported after that. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options
    await retry<never>({
      ...{ clock, signal, steadyMs },
      attempt: (life) => this.#attempt(life),
      failed: (thrown) => this.#reportTrouble(thrown),
    })
    this.#standing.conclude()
  }

  /** One stream to its end. */
  async #attempt(life: Life): Promise<undefined> {
    const lines = await this.#connect()
    life.begun()
    await this.#takeIn(lines)
    if (!life.isSteady) throw new FindingsError('protocol', 'its stream ended at once')
  }

  async #connect(): Promise<AsyncIterable<string>> {
    const { endpoint, clock, signer, connecting, signal } = this.#options
    const leave = await connecting.enter()
    try {
      signal.throwIfAborted()
      const token = await signer.tokenFor(endpoint.node)
      return await openFindings({ ...endpoint, token, clock, signal })
    } finally {
      leave()
    }
  }

  async #takeIn(lines: AsyncIterable<string>): Promise<void> {
    const { endpoint, clock, takingIn } = this.#options
    const leave = await takingIn.enter()
    const takenIn = new AbortController()
    const ended = new AbortController()
    const intake = new Intake(endpoint.node, this.#standing, this.#report)
    void clock.sleep(takingInMs, takenIn.signal).then(leave)
    void this.#expectSight(intake, ended.signal)
    try {
      for await (const line of lines) {
        intake.line(line)
        if (intake.synced) takenIn.abort()
      }
    } finally {
      takenIn.abort()
      ended.abort()
    }
  }

  async #expectSight(intake: Intake, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(sightMs, signal)
    if (signal.aborted || intake.toldSight) return
    this.#reportTrouble(
      new FindingsError('timeout', `in ${sightMs / 1000} s it has not said whether it sees its files`),
    )
  }

  #reportTrouble(thrown: unknown): undefined {
    if (thrown instanceof FindingsError) {
      this.#standing.trouble(thrown.code, `${urlOf(this.endpoint)}: ${thrown.message}`)
    } else {
      // What else is thrown on purpose comes from the signer, whose key file cannot be used.
      this.#standing.trouble(thrown instanceof SvidwatchError ? 'configuration' : 'internal', messageOf(thrown))
    }
  }
}
