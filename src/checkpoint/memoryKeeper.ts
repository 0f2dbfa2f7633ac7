import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { emptyMemory, parseMemory, serializeMemory, type Memory } from '../ledger/memory.ts'
import { commitRegularly } from './commitRegularly.ts'
import { Failures } from './failures.ts'
import { loadWithRetry } from './loadWithRetry.ts'
import type { Saved, StateStore } from './stateStore.ts'

/** The methods of the ledger that the keeper needs. */
export interface Remembering {
  /** Returns what to store. Yields wherever it may be interrupted, since it takes long with many workloads. */
  memory(): Generator<undefined, Memory>
  /** Takes over what an earlier process has stored, at any time; of two versions, the newer is kept. */
  restore(memory: Memory): void
}

export interface MemoryKeeperOptions {
  readonly ledger: Remembering
  readonly store: StateStore
  readonly clock: Clock
  readonly intervalMs: number
  /** Called with the first failure after a success. */
  readonly onProblem: (message: string) => void
}

const part = 'memory.json'
const emptyText = serializeMemory(emptyMemory)

/** The memory is written again after this long without a change, which repairs a part that was deleted or edited. */
const rewriteMs = 600_000

/** Stores what the ledger must remember over a restart besides the totals. */
export class MemoryKeeper {
  readonly #options: MemoryKeeperOptions
  readonly #failures: Failures
  #isResumed = false
  /** The text that this process last read or wrote. */
  #lastText = emptyText
  /** In the time of `Clock.monotonicMs`. */
  #lastSuccessMs: number

  constructor(options: MemoryKeeperOptions) {
    this.#options = options
    this.#failures = new Failures(options.onProblem)
    this.#lastSuccessMs = options.clock.monotonicMs()
  }

  /** The number of failed attempts. */
  get failures(): number {
    return this.#failures.count
  }

  /** Loads the stored memory into the ledger, with retries. If the store refuses, the memory starts empty. Never rejects. */
  async resume(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options
    const onProblem = ({ detail }: { readonly detail: string }) => this.#failures.add(detail)
    const loaded = await loadWithRetry({ store, part, clock, signal, onProblem })
    if (loaded === undefined) return
    this.#isResumed = true
    if (loaded === 'refused') return
    this.#failures.end()
    if ('problem' in loaded) this.#failures.add(`${store.place}: ${loaded.problem}: the memory starts empty`)
    else this.#takeOver(loaded.text)
  }

  /** Commits regularly until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return commitRegularly(this, this.#options, signal)
  }

  /** Stores the ledger's memory if it is new. Does nothing before `resume` has ended, since the stored memory could be newer. Never rejects. */
  async commit(signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    if (!this.#isResumed) return
    try {
      while ((await this.#save(signal)) === 'behind');
    } catch (error) {
      this.#failures.addFailedWrite(store.place, error, signal)
    }
  }

  /** Stores the memory if it is new. Returns `behind` after taking over what another process has stored; the caller must try again. */
  async #save(signal: AbortSignal): Promise<Saved> {
    const { ledger, store, clock } = this.#options
    const text = serializeMemory(await inSlices(clock, ledger.memory()))
    const isFresh = text === emptyText || clock.monotonicMs() - this.#lastSuccessMs < rewriteMs
    if (text === this.#lastText && isFresh) return 'saved'
    let newer: string | undefined
    const saved = await store.save(
      part,
      (stored) => {
        newer = stored
        return stored === undefined || stored === this.#lastText ? text : undefined
      },
      signal,
    )
    if (saved === 'behind') {
      this.#takeOver(newer)
      return saved
    }
    this.#lastText = text
    this.#lastSuccessMs = clock.monotonicMs()
    this.#failures.end()
    return saved
  }

  /** Restores what another process has stored, as in a rolling update, so that it is not lost when it is overwritten. */
  #takeOver(stored: string | undefined): void {
    if (stored === undefined || stored === this.#lastText) return
    this.#lastText = stored
    const problem = this.#restore(stored)
    if (problem === undefined) return
    this.#failures.add(`${this.#options.store.place}, ${part}: ${problem}: the stored memory is ignored`)
  }

  /** Restores a stored memory. Returns why that failed, or undefined; errors of the ledger are returned as well. */
  #restore(stored: string): string | undefined {
    try {
      const parsed = parseMemory(stored)
      if ('problem' in parsed) return parsed.problem
      this.#options.ledger.restore(parsed.memory)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }
}
