import { systemClock, type Clock } from '../../src/clock.ts'
import { within } from '../../src/http/ask.ts'
import type { KubernetesClient, RequestOptions } from '../../src/kubernetes/client.ts'
import { kubernetesErrorOf } from '../../src/kubernetes/kubernetesError.ts'
import type { ManualClock } from './manualClock.ts'

type Method = Parameters<KubernetesClient['request']>[0]

/**
 * What happens to a request: it is not sent, or its answer is lost, and in both cases the client waits until its time is up; it fails
 * at once; it is not sent and answered with something else; its answer is slow; or the process stands still when the answer is there.
 */
export type ClientFault =
  | 'unsent'
  | 'lost'
  | { readonly error: Error }
  | { readonly answer: unknown }
  | { readonly slowMs: number }
  | { readonly whenAnswered: () => void }

/** A client whose requests have the faults that a test wants. It is how a test kills a process: nothing that it sends arrives any more. */
export class FaultyClient implements Pick<KubernetesClient, 'request'> {
  readonly requests: string[] = []
  fault: (method: Method, path: string) => ClientFault | undefined = () => undefined
  /** The number of requests whose answers are on their way. */
  underway = 0
  readonly #client: Pick<KubernetesClient, 'request'>
  readonly #clock: Clock

  constructor(client: Pick<KubernetesClient, 'request'>, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  async request(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
    const fault = this.fault(method, path)
    this.requests.push(`${method} ${path}`)
    if (fault === undefined) return this.#send(method, path, options)
    if (fault === 'unsent' || fault === 'lost') {
      // The limits are those of the client that waits for an answer, not of what it has sent.
      if (fault === 'lost')
        void this.#send(method, path, { ...options, signal: new AbortController().signal }).catch(() => 0)
      return this.#waitInVain(`${method} ${path}`, options)
    }
    if ('error' in fault) throw fault.error
    if ('answer' in fault) return fault.answer
    const answer = await this.#send(method, path, options)
    if ('slowMs' in fault) await this.#clock.sleep(fault.slowMs)
    else fault.whenAnswered()
    return answer
  }

  async #send(method: Method, path: string, options: RequestOptions): Promise<unknown> {
    this.underway += 1
    try {
      return await this.#client.request(method, path, options)
    } finally {
      this.underway -= 1
    }
  }

  async #waitInVain(request: string, { timeoutMs: ms = 30_000, signal }: RequestOptions): Promise<never> {
    try {
      return await within(
        { clock: this.#clock, ms, signal },
        (limit) =>
          new Promise<never>((_, reject) => {
            const end = () => reject(limit.reason as Error)
            if (limit.aborted) end()
            limit.addEventListener('abort', end)
          }),
      )
    } catch (error) {
      throw kubernetesErrorOf(request, error)
    }
  }
}

/** Lets time pass in steps. Whatever is on its way over the network arrives within the step in which it was sent. */
export async function passTime(
  clock: ManualClock,
  ms: number,
  clients: readonly FaultyClient[],
  afterStep: () => void = () => undefined,
): Promise<void> {
  const stepMs = 200
  for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
    await clock.advance(Math.min(stepMs, leftMs))
    await arrived(clients)
    afterStep()
  }
}

/** Resolves when no answer is on its way, and whoever waited for one has gone on. */
async function arrived(clients: readonly FaultyClient[]): Promise<void> {
  for (let idleTurns = 0; idleTurns < 3;) {
    await systemClock.sleep(0)
    idleTurns = clients.some(({ underway }) => underway > 0) ? 0 : idleTurns + 1
  }
}
