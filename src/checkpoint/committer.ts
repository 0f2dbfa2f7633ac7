import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { Backoff } from '../kubernetes/backoff.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'
import type { Checkpoint } from '../ledger/checkpoint.ts'
import type { ConfigMapStore } from './configMapStore.ts'

/** The ledger's side: what there is to commit, and what it is told. */
export interface Committing {
  checkpoint(): Checkpoint | undefined
  showCommittedOnly(checkpoint: Checkpoint | undefined): void
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

/** Commits the ledger's totals before they are shown, so that they survive a restart. */
export class Committer {
  readonly #options: CommitterOptions
  #lastText = ''
  #troubled = false
  lastSuccessMs: number | undefined
  failures = 0

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  /**
   * Hands the stored checkpoint to the ledger. Asks again until there is an answer; a right that is missing is one as well: the
   * totals then begin anew and are shown uncommitted until a commit succeeds.
   */
  async resume(signal: AbortSignal, onWaiting: (error: unknown) => void): Promise<void> {
    const { ledger, store, clock } = this.#options
    const backoff = new Backoff(clock)
    while (!signal.aborted) {
      try {
        const loaded = await store.load(signal)
        if ('problem' in loaded) this.#failed(`${loaded.problem}: the totals begin anew`)
        ledger.showCommittedOnly('problem' in loaded ? undefined : loaded.checkpoint)
        return
      } catch (error) {
        if (isAborted(signal)) return
        this.#failed(`${store.place} cannot be read: ${messageOf(error)}`)
        if (error instanceof KubernetesError && (error.code === 'forbidden' || error.code === 'unauthorized')) return
        onWaiting(error)
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
      this.#lastText = text
      this.#troubled = false
      this.lastSuccessMs = clock.now()
    } catch (error) {
      if (!isAborted(signal)) this.#failed(`${store.place} cannot be written: ${messageOf(error)}`)
    }
  }

  #failed(message: string): void {
    this.failures += 1
    if (!this.#troubled) this.#options.onProblem(message)
    this.#troubled = true
  }
}

/** Asked anew after each wait, which the compiler does not expect of a property. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted
