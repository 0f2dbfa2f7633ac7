import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { within, type TimeLimit } from '../http/ask.ts'
import { httpErrorOf } from '../http/httpError.ts'
import { readLines, readText } from '../http/readBody.ts'
import { credentialsFromText, loadCredentials, type Credentials, type CredentialsOptions } from './credentials.ts'
import { Exchange, nameOf, type Call } from './exchange.ts'
import { kubernetesErrorOf } from './kubernetesError.ts'

/** One API server. Every failure is a KubernetesError, except that an aborted `signal` throws its own reason. */
export interface KubernetesClient {
  /** One request, answered with parsed JSON. */
  request(method: Call['method'], path: string, options?: RequestOptions): Promise<unknown>
  /** GET of a stream: resolves once the API server has said 200. To stop reading ends the request. */
  lines(path: string, options: LinesOptions): Promise<AsyncIterable<string>>
  /** Cuts every connection. */
  close(): void
  /** The API server's address, and where the credentials come from. */
  describe(): string
}

export interface RequestOptions extends Pick<Call, 'query' | 'body' | 'contentType'> {
  readonly signal?: AbortSignal
  /** For the whole answer; 30 s unless said. */
  readonly timeoutMs?: number
  /** Of the answer; 64 MiB unless said. */
  readonly maxBytes?: number
}

export interface LinesOptions extends Pick<Call, 'query'> {
  readonly signal: AbortSignal
}

const mebibyte = 1024 * 1024
const defaultTimeoutMs = 30_000
/** Room for a page of 500 objects of 128 KiB each; real ones have 4 to 8 KiB. */
const defaultMaxBytes = 64 * mebibyte
/** etcd takes 1.5 MiB for an object; its JSON can be longer. */
const maxLineBytes = 8 * mebibyte
const headTimeoutMs = 30_000

/** A client for the cluster that a kubeconfig file or the pod's service account names. Throws `configuration`. */
export function createClient(options: CredentialsOptions & { readonly clock: Clock }): KubernetesClient {
  return new ApiClient(loadCredentials(options), options.clock)
}

/** A client for the cluster that the YAML text of a kubeconfig names. Throws `configuration`. */
export function createClientFromText(kubeconfigYaml: string, clock: Clock): KubernetesClient {
  return new ApiClient(credentialsFromText(kubeconfigYaml), clock)
}

class ApiClient implements KubernetesClient {
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
    const parsed = async (response: IncomingMessage): Promise<unknown> => JSON.parse(await readText(response, maxBytes))
    return this.#send({ method, path, ...rest }, { ms, signal }, parsed)
  }

  lines(path: string, { query, signal }: LinesOptions): Promise<AsyncIterable<string>> {
    const call = { method: 'GET', path, query } as const
    const lines = (response: IncomingMessage) => Promise.resolve(linesOf(response, nameOf(call), signal))
    return this.#send(call, { ms: headTimeoutMs, signal }, lines)
  }

  close(): void {
    this.#exchange.close()
  }

  describe(): string {
    return this.#description
  }

  /** `ms` are for all until `take` has what it wants of the answer. */
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
}

async function* linesOf(body: AsyncIterable<Buffer>, request: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* readLines(body, maxLineBytes)
  } catch (thrown) {
    throw kubernetesErrorOf(request, httpErrorOf(thrown, signal))
  }
}
