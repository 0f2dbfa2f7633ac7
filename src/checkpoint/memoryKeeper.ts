import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { emptyMemory, parseMemory, serializeMemory, type Memory } from '../ledger/memory.ts'
import { untilAnswered } from './answers.ts'
import { commitRegularly } from './commitRegularly.ts'
import { Failures } from './failures.ts'
import type { StateStore } from './stateStore.ts'

/** The ledger's side: what there is to remember, and what an earlier process has remembered. */
export interface Remembering {
  memory(): Memory
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
    const { ledger, store, clock } = this.#options
    if (!this.#isResumed) return
    try {
      let text = serializeMemory(ledger.memory())
      const isFresh = text === nothing || clock.monotonicMs() - this.#lastSuccessMs < rewriteMs
      if (text === this.#lastText && isFresh) return
      const change = (stored: string | undefined) => {
        if (stored === this.#lastText) return text
        this.#takeUp(stored)
        return (text = serializeMemory(ledger.memory()))
      }
      await store.save(part, change, signal)
      this.#lastText = text
      this.#lastSuccessMs = clock.monotonicMs()
      this.#failures.end()
    } catch (error) {
      this.#failures.addUnwritten(store.place, error, signal)
    }
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
