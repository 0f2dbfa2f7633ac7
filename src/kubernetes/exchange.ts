import http, { type IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { readText } from '../http/readBody.ts'
import type { Credentials } from './credentials.ts'
import { parseOrText } from './json.ts'
import { refusal } from './kubernetesError.ts'

/** One request as it goes over the wire. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/api` or `/apis`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** Of the body; `application/json` unless said. */
  readonly contentType?: string | undefined
}

/** How messages name a request. */
export function nameOf({ method, path }: Pick<Call, 'method' | 'path'>): string {
  return `${method} ${path}`
}

/** A silent connection is probed after this long, so that a half-dead one is noticed. */
const tcpKeepAliveMs = 30_000
const maxRefusalBytes = 64 * 1024

/** HTTP to one API server, over connections that are kept and used again. */
export class Exchange {
  readonly #credentials: Credentials
  readonly #agent: http.Agent

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    const { Agent } = credentials.server.protocol === 'https:' ? https : http
    this.#agent = new Agent({ keepAlive: true })
  }

  /**
   * The answer, once its status is known to be a success; its body is still to be read. Throws KubernetesError where the API
   * server refuses, otherwise what node:http or `signal` say.
   */
  async open(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    signal.throwIfAborted()
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const options = { ...optionsOf(call, body), signal }
    await untilAborted(this.#credentials.apply(options), signal)
    options.agent ??= this.#agent
    const response = await send(this.#urlOf(call), options, body)
    const { statusCode = 0, headers } = response
    if (statusCode >= 200 && statusCode < 300) return response
    const answer = parseOrText(await readText(response, maxRefusalBytes))
    throw refusal(nameOf(call), statusCode, answer, retryAfterMsOf(headers['retry-after']))
  }

  /** Cuts every connection. */
  close(): void {
    this.#agent.destroy()
  }

  #urlOf({ path, query }: Call): URL {
    const { server } = this.#credentials
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server)
    url.search = new URLSearchParams(query).toString()
    return url
  }
}

/** The length is said because node:http frames the body of a DELETE in no other way. */
function optionsOf({ method, contentType = 'application/json' }: Call, body: string | undefined): RequestOptions {
  const headers = { accept: 'application/json', 'user-agent': 'svidwatch' }
  if (body === undefined) return { method, headers }
  return { method, headers: { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(body) } }
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve)
    sent.on('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Kubernetes sends whole seconds. */
function retryAfterMsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined
}

/** A credential plugin cannot be stopped, but nobody has to wait for it. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
