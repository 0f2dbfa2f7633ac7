import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { Backoff } from '../kubernetes/backoff.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'
import type { Checkpoint } from '../ledger/checkpoint.ts'
import type { TroubleReason } from '../ledger/reasons.ts'
import type { ConfigMapStore } from './configMapStore.ts'

/** The ledger's side: what there is to commit, and what it is told. */
export interface Committing {
  checkpoint(): Checkpoint | undefined
  showCommittedOnly(checkpoint: Checkpoint | undefined): void
  showUncommitted(): void
  committed(checkpoint: Checkpoint): void
}

export interface CommitterOptions {
  readonly ledger: Committing
  readonly store: ConfigMapStore
  readonly clock: Clock
  readonly intervalMs: number
  /** Is told of what went wrong, once for each time that it begins. */
  readonly onProblem: (message: string) => void
}

/** The API server forgets history after about 5 minutes: a position must not grow older than this, or it cannot be resumed. */
const maxPositionAgeMs = 60_000

/** So often a refusal is asked again before it counts as the answer: rights take their time to arrive. */
const maxRefusals = 5

/** Why nothing can be read at present. */
export interface Waiting {
  readonly reason: TroubleReason
  readonly detail: string
}

/** Commits the ledger's totals before they are shown, so that they survive a restart. */
export class Committer {
  readonly #options: CommitterOptions
  #lastText = ''
  #troubled = false
  #hasStored = false
  lastSuccessMs: number | undefined
  failures = 0

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  /**
   * Hands the stored checkpoint to the ledger. Asks again until there is an answer; a right that stays missing is one as well:
   * the totals then begin anew and are shown uncommitted until a commit succeeds.
   */
  async resume(signal: AbortSignal, onWaiting: (waiting: Waiting) => void): Promise<void> {
    const { ledger, store, clock } = this.#options
    const backoff = new Backoff(clock)
    for (let refusals = 0; !signal.aborted && refusals < maxRefusals;) {
      try {
        const loaded = await store.load(signal)
        if ('problem' in loaded) this.#failed(`${loaded.problem}: the totals begin anew`)
        const checkpoint = 'problem' in loaded ? undefined : loaded.checkpoint
        this.#hasStored = checkpoint !== undefined
        ledger.showCommittedOnly(checkpoint)
        this.#troubled = false
        return
      } catch (error) {
        if (isAborted(signal)) return
        const detail = `${store.place} cannot be read: ${messageOf(error)}`
        this.#failed(detail)
        if (isRefusal(error)) refusals += 1
        onWaiting({ reason: reasonOf(error), detail })
        await clock.sleep(backoff.nextMs(), signal)
      }
    }
  }

  /** Commits whenever there is something new, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options
    while (!signal.aborted) {
      await this.commit(signal)
      await clock.sleep(intervalMs, signal)
    }
  }

  /** Commits what the ledger has, if it is new. */
  async commit(signal: AbortSignal): Promise<void> {
    const { ledger, store, clock } = this.#options
    const checkpoint = ledger.checkpoint()
    if (checkpoint === undefined) return
    const text = JSON.stringify([checkpoint.totals, checkpoint.open])
    const isFresh = clock.now() - (this.lastSuccessMs ?? -Infinity) < maxPositionAgeMs
    if (text === this.#lastText && isFresh) return
    try {
      if ((await store.save(checkpoint, signal)) === 'behind') return
      ledger.committed(checkpoint)
      this.#hasStored = true
      this.#lastText = text
      this.#troubled = false
      this.lastSuccessMs = clock.now()
    } catch (error) {
      // Nothing is stored that a later process could fall back to, so nothing that is shown now can be counted twice.
      if (isRefusal(error) && !this.#hasStored) ledger.showUncommitted()
      if (!isAborted(signal)) this.#failed(`${store.place} cannot be written: ${messageOf(error)}`)
    }
  }

  #failed(message: string): void {
    this.failures += 1
    if (!this.#troubled) this.#options.onProblem(message)
    this.#troubled = true
  }
}

/** The API server has understood and will not: a right is missing, or the object is not to its liking. */
const isRefusal = (error: unknown): boolean =>
  error instanceof KubernetesError && ['unauthorized', 'forbidden', 'protocol'].includes(error.code)

const reasonOf = (error: unknown): TroubleReason =>
  error instanceof KubernetesError && error.code !== 'conflict' ? error.code : 'internal'

/** Asked anew after each wait, which the compiler does not expect of a property. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted
