import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { within, type TimeLimit } from '../http/ask.ts'
import { HttpError, httpErrorOf } from '../http/httpError.ts'
import { LineSplitter, type OverlongLine } from '../http/lineSplitter.ts'
import { readText } from '../http/readBody.ts'
import { credentialsFromText, loadCredentials, type Credentials, type CredentialsOptions } from './credentials.ts'
import { Exchange, nameOf, type Call } from './exchange.ts'
import { kubernetesErrorOf } from './kubernetesError.ts'
import { ListBudget, processMemoryBytes, shareBytes, sharesFor, type Release } from './listBudget.ts'

/** A client of one API server. Every failure is a KubernetesError, except that an aborted `signal` throws its own reason. */
export interface KubernetesClient {
  /** What all lists and watches of this client may hold together. */
  readonly budget: ListBudget
  /** Sends one request, and resolves with the parsed JSON of the answer. */
  request(method: Call['method'], path: string, options?: RequestOptions): Promise<unknown>
  /**
   * Requests a stream. Resolves with its lines after a successful status. Of a line of more than `shareBytes` only the head comes. To
   * stop iterating ends the request.
   */
  lines(path: string, options: LinesOptions): Promise<AsyncIterable<string | OverlongLine>>
  /** Closes all connections, also those in use. */
  close(): void
  /** Returns the API server's address and the origin of the credentials. */
  describe(): string
}

export interface RequestOptions extends Pick<Call, 'query' | 'body' | 'contentType' | 'accept'> {
  readonly signal?: AbortSignal
  /** The time limit for the whole answer; 30 s by default. */
  readonly timeoutMs?: number
  /** The size limit of the answer; 16 MiB by default. */
  readonly maxBytes?: number
}

export interface LinesOptions extends Pick<Call, 'query'> {
  readonly signal: AbortSignal
}

const mebibyte = 1024 * 1024
const defaultTimeoutMs = 30_000
/** etcd limits an object to 1.5 MiB. Its JSON can be six times as long, because that is what some characters take in it. */
const defaultMaxBytes = 16 * mebibyte
/** What each stream may hold of a line without a share of the budget. Few objects are longer. */
const freeLineBytes = 64 * 1024
/** The stream of a server that sends more without the end of a line is no watch. */
const maxSkippedBytes = 64 * mebibyte
const headTimeoutMs = 30_000

/** Returns a client for the cluster of a kubeconfig file or of the pod's service account. Throws `configuration`. */
export function createClient(options: CredentialsOptions & { readonly clock: Clock }): KubernetesClient {
  return new ApiClient(loadCredentials(options), options.clock)
}

/** Returns a client for the cluster of a kubeconfig, given as YAML text. Throws `configuration`. */
export function createClientFromText(kubeconfigYaml: string, clock: Clock): KubernetesClient {
  return new ApiClient(credentialsFromText(kubeconfigYaml), clock)
}

class ApiClient implements KubernetesClient {
  readonly budget = new ListBudget(sharesFor(processMemoryBytes()))
  readonly #clock: Clock
  readonly #exchange: Exchange
  readonly #description: string

  constructor(credentials: Credentials, clock: Clock) {
    this.#clock = clock
    this.#exchange = new Exchange(credentials)
    this.#description = `${credentials.server.origin}${credentials.server.pathname} (${credentials.origin})`
  }

  request(method: Call['method'], path: string, options: RequestOptions = {}): Promise<unknown> {
    const { signal, timeoutMs: ms = defaultTimeoutMs, maxBytes = defaultMaxBytes, ...rest } = options
    const parsed = async (response: IncomingMessage) => parseAnswer(await readText(response, maxBytes))
    return this.#send({ method, path, ...rest }, { ms, signal }, parsed)
  }

  lines(path: string, { query, signal }: LinesOptions): Promise<AsyncIterable<string | OverlongLine>> {
    const call = { method: 'GET', path, query, isStream: true } as const
    const lines = (response: IncomingMessage) => Promise.resolve(this.#linesOf(response, nameOf(call), signal))
    return this.#send(call, { ms: headTimeoutMs, signal }, lines)
  }

  close(): void {
    this.#exchange.close()
  }

  describe(): string {
    return this.#description
  }

  /** The time limit includes `take`. */
  async #send<Result>(
    call: Call,
    limit: Omit<TimeLimit, 'clock'>,
    take: (response: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await within({ clock: this.#clock, ...limit }, (signal) => this.#exchange.send(call, signal, take))
    } catch (thrown) {
      throw kubernetesErrorOf(nameOf(call), thrown)
    }
  }

  async *#linesOf(
    body: AsyncIterable<Buffer>,
    request: string,
    signal: AbortSignal,
  ): AsyncGenerator<string | OverlongLine> {
    const splitter = new LineSplitter(shareBytes, maxSkippedBytes)
    let release: Release | undefined
    try {
      for await (const chunk of body) {
        for (const line of splitter.split(chunk)) yield line
        if (splitter.heldBytes > freeLineBytes) {
          release ??= await this.budget.take(signal)
        } else {
          release?.()
          release = undefined
        }
      }
      splitter.end()
    } catch (thrown) {
      throw kubernetesErrorOf(request, httpErrorOf(thrown, signal))
    } finally {
      release?.()
    }
  }
}

/** The message of the error has nothing of the answer, which may be a Secret. */
function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError('protocol', 'the answer is not JSON')
  }
}
