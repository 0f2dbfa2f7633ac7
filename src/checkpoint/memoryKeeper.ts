import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { emptyMemory, parseMemory, serializeMemory, type Memory } from '../ledger/memory.ts'
import { untilAnswered } from './answers.ts'
import { commitRegularly } from './commitRegularly.ts'
import { Failures } from './failures.ts'
import type { Saved, StateStore } from './stateStore.ts'

/** The ledger's side: what there is to remember, and what an earlier process has remembered. */
export interface Remembering {
  /** Yields wherever it may be interrupted: it takes long where there are many workloads. */
  memory(): Generator<undefined, Memory>
  /** May come at any time; what is newer counts. */
  restore(memory: Memory): void
}

export interface MemoryKeeperOptions {
  readonly ledger: Remembering
  readonly store: StateStore
  readonly clock: Clock
  readonly intervalMs: number
  /** Is told of what went wrong, once for each time that it begins. */
  readonly onProblem: (message: string) => void
}

const part = 'memory.json'
const nothing = serializeMemory(emptyMemory)

/** It is written again after this long although nothing is new: what was deleted or edited in the store heals. */
const rewriteMs = 600_000

/** Keeps what the ledger has to remember over a restart besides the totals. */
export class MemoryKeeper {
  readonly #options: MemoryKeeperOptions
  readonly #failures: Failures
  #isResumed = false
  /** What this process has last read or written. */
  #lastText = nothing
  /** As `Clock.monotonicMs`. */
  #lastSuccessMs: number

  constructor(options: MemoryKeeperOptions) {
    this.#options = options
    this.#failures = new Failures(options.onProblem)
    this.#lastSuccessMs = options.clock.monotonicMs()
  }

  /** Failed attempts so far. */
  get failures(): number {
    return this.#failures.count
  }

  /** Hands what is remembered to the ledger. Waits until there is an answer; where there is a refusal, nothing is remembered. Never rejects. */
  async resume(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options
    const onWaiting = ({ detail }: { readonly detail: string }) => this.#failures.add(detail)
    const loaded = await untilAnswered({ store, part, clock, signal, onWaiting })
    if (loaded === undefined) return
    this.#isResumed = true
    if (loaded === 'refused') return
    this.#failures.end()
    if ('problem' in loaded) this.#failures.add(`${store.place}: ${loaded.problem}: nothing is remembered`)
    else this.#takeUp(loaded.text)
  }

  /** Writes down whatever is new, until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return commitRegularly(this, this.#options, signal)
  }

  /** Writes down what the ledger remembers, if it is new. Before it is known what is stored, nothing is: it could be newer. Never rejects. */
  async commit(signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    if (!this.#isResumed) return
    try {
      while ((await this.#save(signal)) === 'behind');
    } catch (error) {
      this.#failures.addUnwritten(store.place, error, signal)
    }
  }

  /** Stores what is new. `behind`: another process has stored something meanwhile, which is taken up; what is new is so no more. */
  async #save(signal: AbortSignal): Promise<Saved> {
    const { ledger, store, clock } = this.#options
    const text = serializeMemory(await inSlices(clock, ledger.memory()))
    const isFresh = text === nothing || clock.monotonicMs() - this.#lastSuccessMs < rewriteMs
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
      this.#takeUp(newer)
      return saved
    }
    this.#lastText = text
    this.#lastSuccessMs = clock.monotonicMs()
    this.#failures.end()
    return saved
  }

  /** Another process may have stored something, as in a rolling update: it counts here too, and is not lost when it is written over. */
  #takeUp(stored: string | undefined): void {
    if (stored === undefined || stored === this.#lastText) return
    this.#lastText = stored
    const problem = this.#restore(stored)
    if (problem === undefined) return
    this.#failures.add(`${this.#options.store.place}, ${part}: ${problem}: nothing is remembered`)
  }

  /** Why what is stored cannot be taken up, which may be a fault of the program. */
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
