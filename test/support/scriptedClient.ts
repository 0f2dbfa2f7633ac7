import type { Clock } from '../../src/clock.ts'
import type { KubernetesClient, LinesOptions, RequestOptions } from '../../src/kubernetes/client.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { ListBudget } from '../../src/kubernetes/listBudget.ts'

/** The result of one request: an error, a whole answer, or a stream of lines. */
export type Step = KubernetesError | { readonly answer: unknown } | Streaming

interface Streaming {
  /** The lines, each sent as JSON; a string is sent as it is. */
  readonly lines: readonly unknown[]
  /** The time before each line; 0 by default. */
  readonly everyMs?: number
  /** How long the stream stays open after the last line; for ever by default. */
  readonly openMs?: number
  /** The error with which the stream breaks; by default it ends properly. */
  readonly error?: KubernetesError
}

/** An API server that follows a script, one step for each request. After the last step, streams stay open and silent. */
export class ScriptedClient implements KubernetesClient {
  readonly budget = new ListBudget(1)
  /** The queries so far, without what all watches have in common, and their times (ms since the clock's start). */
  readonly requests: { readonly query: Readonly<Record<string, string>>; readonly atMs: number }[] = []
  readonly #clock: Clock
  readonly #startMs: number
  readonly #steps: Step[]

  constructor(clock: Clock, steps: readonly Step[]) {
    this.#clock = clock
    this.#startMs = clock.now()
    this.#steps = [...steps]
  }

  request(_method: string, _path: string, { query = {} }: RequestOptions = {}): Promise<unknown> {
    const step = this.#next(query)
    if (step instanceof KubernetesError) return Promise.reject(step)
    if (!('answer' in step)) throw new Error('the script streams lines where a list is asked for')
    return Promise.resolve(step.answer)
  }

  lines(_path: string, { query = {}, signal }: LinesOptions): Promise<AsyncIterable<string>> {
    const step = this.#next(query)
    if (step instanceof KubernetesError) return Promise.reject(step)
    if ('answer' in step) throw new Error('the script has a list where lines are asked for')
    return Promise.resolve(this.#stream(step, signal))
  }

  close(): void {
    this.#steps.length = 0
  }

  describe(): string {
    return 'a script'
  }

  #next(query: Readonly<Record<string, string>>): Step {
    this.requests.push({ query, atMs: this.#clock.now() - this.#startMs })
    return this.#steps.shift() ?? { lines: [] }
  }

  async *#stream(
    { lines, everyMs = 0, openMs = Infinity, error }: Streaming,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    for (const line of lines) {
      if (everyMs > 0) await this.#clock.sleep(everyMs, signal)
      yield typeof line === 'string' ? line : JSON.stringify(line)
    }
    await this.#clock.sleep(openMs, signal)
    if (signal.aborted) throw abortionOf(signal)
    if (error !== undefined) throw error
  }
}

/** Returns the error of the real client for a deadline or an abort. */
function abortionOf(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new KubernetesError('timeout', reason.message)
    : reason
}
