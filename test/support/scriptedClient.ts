import type { Clock } from '../../src/clock.ts'
import type { KubernetesClient, LinesOptions, RequestOptions } from '../../src/kubernetes/client.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'

/** How one request goes: it is refused, answered as a whole, or streams lines for a while. */
export type Step = KubernetesError | { readonly answer: unknown } | Streaming

interface Streaming {
  /** What each line says, as JSON; a string is sent as it is. */
  readonly lines: readonly unknown[]
  /** How long each line takes; none unless said. */
  readonly everyMs?: number
  /** How long the stream stays open after the last line; for ever unless said. */
  readonly openMs?: number
  /** What breaks it then; unless said, it ends properly. */
  readonly error?: KubernetesError
}

/** An API server that answers by a script, one step for each request; when the script is over, streams stay open and silent. */
export class ScriptedClient implements KubernetesClient {
  /** The queries so far, without what all watches have in common, and when they came (ms since the clock's start). */
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

/** As the real client tells of a deadline. */
function abortionOf(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new KubernetesError('timeout', reason.message)
    : reason
}
