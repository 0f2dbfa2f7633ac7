import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../ledger/issuance/checkpoint.ts'
import { isNewer } from '../resourceVersion.ts'
import { commitRegularly } from './commitRegularly.ts'
import { Failures } from './failures.ts'
import { isRefusal, loadWithRetry, type LoadProblem } from './loadWithRetry.ts'
import { OtherWriter } from './otherWriter.ts'
import type { Loaded, StateStore } from './stateStore.ts'

/** The methods of the ledger that the committer needs. */
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
  /** The namespaces that are watched one by one; undefined: the whole cluster is watched. */
  readonly namespaces?: readonly string[] | undefined
  /** Called with the first failure after a success. */
  readonly onProblem: (message: string) => void
}

const part = 'checkpoint.json'

/**
 * How old a stored position may become before it is written again. The API server keeps its history for about 5 minutes, and
 * an older position cannot be resumed.
 */
const maxPositionAgeMs = 60_000

/** Commits the ledger's totals before they are exported, so that they survive a restart. */
export class Committer {
  readonly #options: CommitterOptions
  readonly #failures: Failures
  readonly #otherWriter: OtherWriter
  #isResumed = false
  #lastContent = ''
  /** The stored text as this process last read or wrote it. */
  #stored: string | undefined
  /** In the time of `Clock.monotonicMs`. */
  #lastCommitMs = -Infinity
  /** When a commit last succeeded, ms since the Unix epoch. */
  lastSuccessMs: number | undefined

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#failures = new Failures(options.onProblem)
    this.#otherWriter = new OtherWriter(options.namespaces, options.clock)
    options.ledger.showNothing()
  }

  /** The number of failed attempts. */
  get failures(): number {
    return this.#failures.count
  }

  /**
   * Loads the stored checkpoint into the ledger, with retries. If the store refuses, the totals start from zero and are exported
   * uncommitted until a commit succeeds. Throws a `SvidwatchError` with code `internal` if a bug keeps the ledger from resuming;
   * after that nothing is committed, so that the stored checkpoint is kept.
   */
  async resume(signal: AbortSignal, onProblem: (problem: LoadProblem) => void): Promise<void> {
    const { ledger, store, clock } = this.#options
    const loaded = await loadWithRetry({
      ...{ store, part, clock, signal },
      onProblem: (problem) => {
        this.#failures.add(problem.detail)
        onProblem(problem)
      },
    })
    if (loaded === undefined) return
    if (loaded === 'refused') ledger.showUncommitted()
    else this.#resumeFrom(loaded)
    this.#isResumed = true
  }

  /** Commits regularly until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return commitRegularly(this, this.#options, signal)
  }

  /** Commits the ledger's checkpoint if it is new, once `resume` has succeeded. Never rejects. */
  async commit(signal: AbortSignal): Promise<void> {
    const { ledger, store, clock } = this.#options
    if (!this.#isResumed) return
    try {
      const checkpoint = ledger.checkpoint()
      if (checkpoint === undefined) return
      const content = JSON.stringify([checkpoint.totals, checkpoint.positions.map(({ open }) => open)])
      const isFresh = clock.monotonicMs() - this.#lastCommitMs < maxPositionAgeMs
      if (content === this.#lastContent && isFresh) return
      if ((await this.#save(checkpoint, signal)) === 'behind') return
      ledger.committed(checkpoint)
      this.#lastContent = content
      this.#failures.end()
      this.#lastCommitMs = clock.monotonicMs()
      this.lastSuccessMs = clock.now()
    } catch (error) {
      // Nothing is stored that a later process could resume from, so nothing that is exported now can be counted twice.
      if (isRefusal(error) && this.#stored === undefined) ledger.showUncommitted()
      this.#failures.addFailedWrite(store.place, error, signal)
    }
  }

  #resumeFrom(loaded: Loaded): void {
    const { ledger, store } = this.#options
    try {
      ledger.showCommittedOnly(this.#checkpointOf(loaded))
      this.#failures.end()
    } catch (error) {
      const remedy = `to start from zero, stop svidwatch and remove ${part}`
      const message = `${store.place}, ${part}: the totals cannot be resumed: ${messageOf(error)}; ${remedy}`
      throw new SvidwatchError('internal', message, { cause: error })
    }
  }

  #checkpointOf(loaded: Loaded): Checkpoint | undefined {
    const { place } = this.#options.store
    if ('problem' in loaded) {
      this.#failures.add(`${place}: ${loaded.problem}: the totals start from zero`)
      return undefined
    }
    if (loaded.text === undefined) return undefined
    const parsed = parseCheckpoint(loaded.text)
    if ('problem' in parsed) {
      this.#failures.add(`${place}, ${part}: ${parsed.problem}: the totals start from zero`)
      return undefined
    }
    this.#stored = loaded.text
    return parsed.checkpoint
  }

  /**
   * Stores a checkpoint. Never replaces a later position: of two processes, as in a rolling update, the one behind waits. Throws
   * `other_writer` if another svidwatch watches other namespaces and writes the same state.
   */
  async #save(checkpoint: Checkpoint, signal: AbortSignal): Promise<'saved' | 'behind'> {
    const text = serializeCheckpoint(checkpoint)
    const change = (stored: string | undefined) => (this.#isLater(stored, checkpoint) ? undefined : text)
    const saved = await this.#options.store.save(part, change, signal)
    if (saved === 'saved') this.#stored = text
    return saved
  }

  /** Reports whether another process has stored a later checkpoint than this one. */
  #isLater(stored: string | undefined, { positions }: Checkpoint): boolean {
    if (stored === undefined || stored === this.#stored) return false
    const parsed = parseCheckpoint(stored)
    if ('problem' in parsed) return false
    this.#otherWriter.check(stored, parsed.checkpoint)
    return isNewer(newestOf(parsed.checkpoint.positions), newestOf(positions))
  }
}

/** Returns how far the history has been seen. The resourceVersions of all namespaces can be compared. */
const newestOf = (positions: Checkpoint['positions']): string | undefined =>
  positions.reduce<string | undefined>(
    (newest, { resourceVersion }) => (isNewer(resourceVersion, newest) ? resourceVersion : newest),
    undefined,
  )
