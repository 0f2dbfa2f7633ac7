import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../ledger/issuance/checkpoint.ts'
import { isNewer } from '../resourceVersion.ts'
import { isRefusal, untilAnswered, type Waiting } from './answers.ts'
import { commitRegularly } from './commitRegularly.ts'
import { Failures } from './failures.ts'
import type { Loaded, StateStore } from './stateStore.ts'

/** The ledger's side: what there is to commit, and what it is told. */
export interface Committing {
  checkpoint(): Checkpoint | undefined
  showNothing(): void
  showCommittedOnly(checkpoint: Checkpoint | undefined): void
  showUncommitted(): void
  committed(checkpoint: Checkpoint): void
}

export interface CommitterOptions {
  readonly ledger: Committing
  readonly store: StateStore
  readonly clock: Clock
  readonly intervalMs: number
  /** Is told of what went wrong, once for each time that it begins. */
  readonly onProblem: (message: string) => void
}

const part = 'checkpoint.json'

/** The API server forgets history after about 5 minutes: a position must not grow older than this, or it cannot be resumed. */
const maxPositionAgeMs = 60_000

/** Commits the ledger's totals before they are shown, so that they survive a restart. */
export class Committer {
  readonly #options: CommitterOptions
  readonly #failures: Failures
  #isResumed = false
  #lastContent = ''
  /** What is stored as far as this process knows: what it went on from, then what it wrote. */
  #stored: string | undefined
  /** As `Clock.monotonicMs`. */
  #lastCommitMs = -Infinity
  /** When a commit last succeeded, ms since the Unix epoch. */
  lastSuccessMs: number | undefined

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#failures = new Failures(options.onProblem)
    options.ledger.showNothing()
  }

  /** Failed attempts so far. */
  get failures(): number {
    return this.#failures.count
  }

  /**
   * Hands the stored checkpoint to the ledger. Waits until there is an answer; where there is a refusal, the totals begin anew
   * and are shown uncommitted until a commit succeeds. Throws `internal` where a fault of the program keeps the ledger from
   * going on: nothing is committed then, so that what is stored stays as it is.
   */
  async resume(signal: AbortSignal, onWaiting: (waiting: Waiting) => void): Promise<void> {
    const { ledger, store, clock } = this.#options
    const loaded = await untilAnswered({
      ...{ store, part, clock, signal },
      onWaiting: (waiting) => {
        this.#failures.add(waiting.detail)
        onWaiting(waiting)
      },
    })
    if (loaded === undefined) return
    if (loaded === 'refused') ledger.showUncommitted()
    else this.#goOnFrom(loaded)
    this.#isResumed = true
  }

  /** Commits whenever there is something new, until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return commitRegularly(this, this.#options, signal)
  }

  /** Commits what the ledger has, if it is new and `resume` has told what it goes on from. Never rejects. */
  async commit(signal: AbortSignal): Promise<void> {
    const { ledger, store, clock } = this.#options
    if (!this.#isResumed) return
    try {
      const checkpoint = ledger.checkpoint()
      if (checkpoint === undefined) return
      const content = JSON.stringify([checkpoint.totals, checkpoint.open])
      const isFresh = clock.monotonicMs() - this.#lastCommitMs < maxPositionAgeMs
      if (content === this.#lastContent && isFresh) return
      if ((await this.#save(checkpoint, signal)) === 'behind') return
      ledger.committed(checkpoint)
      this.#lastContent = content
      this.#failures.end()
      this.#lastCommitMs = clock.monotonicMs()
      this.lastSuccessMs = clock.now()
    } catch (error) {
      // Nothing is stored that a later process could fall back to, so nothing that is shown now can be counted twice.
      if (isRefusal(error) && this.#stored === undefined) ledger.showUncommitted()
      this.#failures.addUnwritten(store.place, error, signal)
    }
  }

  #goOnFrom(loaded: Loaded): void {
    const { ledger, store } = this.#options
    try {
      ledger.showCommittedOnly(this.#checkpointOf(loaded))
      this.#failures.end()
    } catch (error) {
      const remedy = `to begin anew, stop svidwatch and remove ${part}`
      const message = `${store.place}, ${part}: the totals cannot go on: ${messageOf(error)}; ${remedy}`
      throw new SvidwatchError('internal', message, { cause: error })
    }
  }

  #checkpointOf(loaded: Loaded): Checkpoint | undefined {
    const { place } = this.#options.store
    if ('problem' in loaded) {
      this.#failures.add(`${place}: ${loaded.problem}: the totals begin anew`)
      return undefined
    }
    if (loaded.text === undefined) return undefined
    const parsed = parseCheckpoint(loaded.text)
    if ('problem' in parsed) {
      this.#failures.add(`${place}, ${part}: ${parsed.problem}: the totals begin anew`)
      return undefined
    }
    this.#stored = loaded.text
    return parsed.checkpoint
  }

  /** Never replaces a later position: of two processes, as in a rolling update, the one that is behind waits. */
  async #save(checkpoint: Checkpoint, signal: AbortSignal): Promise<'saved' | 'behind'> {
    const text = serializeCheckpoint(checkpoint)
    const isLater = (stored: string | undefined) =>
      stored !== undefined && isNewer(positionOf(stored), checkpoint.resourceVersion)
    const saved = await this.#options.store.save(
      part,
      (stored) => (stored !== this.#stored && isLater(stored) ? undefined : text),
      signal,
    )
    if (saved === 'saved') this.#stored = text
    return saved
  }
}

/** The resourceVersion of what another process has stored; undefined where it is no checkpoint. */
function positionOf(stored: string): string | undefined {
  const parsed = parseCheckpoint(stored)
  return 'problem' in parsed ? undefined : parsed.checkpoint.resourceVersion
}
