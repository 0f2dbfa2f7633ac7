import { deadline, type Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { readLines, readText } from '../http/readBody.ts'
import { printable } from '../text/printable.ts'
import { credentialsFromText, loadCredentials, type Credentials, type CredentialsOptions } from './credentials.ts'
import { Exchange, nameOf, type Call } from './exchange.ts'
import { KubernetesError } from './kubernetesError.ts'

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

  async request(method: Call['method'], path: string, options: RequestOptions = {}): Promise<unknown> {
    const { signal, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, ...rest } = options
    const limit = deadline(this.#clock, timeoutMs, signal)
    try {
      const response = await this.#exchange.open({ method, path, ...rest }, limit.signal)
      return JSON.parse(await readText(response, maxBytes))
    } catch (thrown) {
      throw failureOf(nameOf({ method, path }), thrown, limit.signal)
    } finally {
      limit.cancel()
    }
  }

  async lines(path: string, { query, signal }: LinesOptions): Promise<AsyncIterable<string>> {
    const call = { method: 'GET', path, query } as const
    const limit = deadline(this.#clock, headTimeoutMs, signal)
    try {
      return linesOf(await this.#exchange.open(call, limit.signal), nameOf(call), signal)
    } catch (thrown) {
      throw failureOf(nameOf(call), thrown, limit.signal)
    } finally {
      limit.cancel()
    }
  }

  close(): void {
    this.#exchange.close()
  }

  describe(): string {
    return this.#description
  }
}

async function* linesOf(body: AsyncIterable<Buffer>, request: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* readLines(body, maxLineBytes)
  } catch (thrown) {
    throw failureOf(request, thrown, signal)
  }
}

/** What a request throws for what went wrong below it. */
function failureOf(request: string, thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof KubernetesError) return thrown
  if (signal.aborted) return isTimeout(signal.reason) ? timedOut(request, signal.reason) : signal.reason
  const broken = thrown instanceof SvidwatchError || thrown instanceof SyntaxError
  return new KubernetesError(broken ? 'protocol' : 'unreachable', `${request}: ${detailOf(thrown)}`, { cause: thrown })
}

function isTimeout(reason: unknown): reason is DOMException {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

function timedOut(request: string, reason: DOMException): KubernetesError {
  return new KubernetesError('timeout', `${request}: ${reason.message}`, { cause: reason })
}

/** node:net tries each address of a name, and keeps what each of them said. */
function detailOf(thrown: unknown): string {
  return printable(thrown instanceof AggregateError ? thrown.errors.map(messageOf).join('; ') : messageOf(thrown))
}
