import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { parseMemory, serializeMemory, type Memory, type RememberedBundle } from '../ledger/memory.ts'
import { untilAnswered } from './answers.ts'
import { Failures } from './failures.ts'
import type { StateStore } from './stateStore.ts'

/** The ledger's side: what there is to remember, and what an earlier process has remembered. */
export interface Remembering {
  memory(): Memory
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
const nothing = serializeMemory({ agentNodes: [], bundles: [] })

/** It is written again after this long although nothing is new: what was deleted or edited in the store heals. */
const rewriteMs = 600_000

/** Keeps what the ledger has to remember over a restart besides the totals. */
export class MemoryKeeper {
  readonly #options: MemoryKeeperOptions
  readonly #failures: Failures
  #isResumed = false
  /** What this process has last read or written. */
  #lastText = nothing
  #lastSuccessMs: number

  constructor(options: MemoryKeeperOptions) {
    this.#options = options
    this.#failures = new Failures(options.onProblem)
    this.#lastSuccessMs = options.clock.now()
  }

  /** Failed attempts so far. */
  get failures(): number {
    return this.#failures.count
  }

  /** Hands what is remembered to the ledger. Waits until there is an answer; where there is a refusal, nothing is remembered. */
  async resume(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options
    const onWaiting = ({ detail }: { readonly detail: string }) => this.#failures.add(detail)
    const loaded = await untilAnswered({ store, part, clock, signal, onWaiting })
    if (loaded === undefined) return
    this.#isResumed = true
    if (loaded === 'refused') return
    this.#failures.end()
    if ('problem' in loaded) this.#failures.add(`${store.place}: ${loaded.problem}: nothing is remembered`)
    else if (loaded.text !== undefined) this.#restore(loaded.text)
  }

  /** Writes down whatever is new, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options
    while (!signal.aborted) {
      await this.commit(signal)
      await clock.sleep(intervalMs, signal)
    }
  }

  /** Writes down what the ledger remembers, if it is new. Before it is known what is stored, nothing is: it could be newer. */
  async commit(signal: AbortSignal): Promise<void> {
    const { ledger, store, clock } = this.#options
    if (!this.#isResumed) return
    const memory = ledger.memory()
    const text = serializeMemory(memory)
    const isFresh = text === nothing || clock.now() - this.#lastSuccessMs < rewriteMs
    if (text === this.#lastText && isFresh) return
    const change = (stored: string | undefined) => (stored === this.#lastText ? text : textWithNewer(stored, memory))
    try {
      await store.save(part, change, signal)
      this.#lastText = text
      this.#lastSuccessMs = clock.now()
      this.#failures.end()
    } catch (error) {
      if (!signal.aborted) this.#failures.add(`${store.place} cannot be written: ${messageOf(error)}`)
    }
  }

  #restore(text: string): void {
    const { ledger, store } = this.#options
    const parsed = parseMemory(text)
    if ('problem' in parsed)
      return this.#failures.add(`${store.place}, ${part}: ${parsed.problem}: nothing is remembered`)
    this.#lastText = text
    ledger.restore(parsed.memory)
  }
}

/** What to store where another process has stored something, as in a rolling update: its newer bundles stay. */
function textWithNewer(stored: string | undefined, memory: Memory): string {
  const parsed = parseMemory(stored ?? nothing)
  if ('problem' in parsed) return serializeMemory(memory)
  const storedBundles = new Map(parsed.memory.bundles.map((bundle) => [bundle.trustDomain, bundle]))
  const bundles = memory.bundles.map((bundle) => newerOf(storedBundles.get(bundle.trustDomain), bundle))
  return serializeMemory({ ...memory, bundles })
}

/** Sequences compare only where the trust goes back to the same bundle; one's own was fetched from the endpoint itself. */
function newerOf(stored: RememberedBundle | undefined, own: RememberedBundle): RememberedBundle {
  if (stored?.bootstrap !== own.bootstrap || stored.sequence === undefined || own.sequence === undefined) return own
  return BigInt(stored.sequence) > BigInt(own.sequence) ? stored : own
}
