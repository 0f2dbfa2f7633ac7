import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { ask, checkStatus, type AskOptions } from '../http/ask.ts'
import type { Credentials } from './credentials.ts'

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
   * Hands the answer to `take`, once its status is known to be a success; its body is still to be read. Throws `configuration`, a
   * StatusError where the API server refuses, otherwise what node:http, `take` or `signal` say.
   */
  async send<Result>(
    call: Call,
    signal: AbortSignal,
    take: (response: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted()
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const options = { ...urlToHttpOptions(this.#urlOf(call)), ...optionsOf(call, body), signal }
    await untilAborted(this.#credentials.apply(options), signal)
    options.agent ??= this.#agent
    const taken = async (response: IncomingMessage) => {
      await checkStatus(response, isSuccess, maxRefusalBytes)
      return take(response)
    }
    return ask(options, taken, body)
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
function optionsOf({ method, contentType = 'application/json' }: Call, body: string | undefined): AskOptions {
  const headers = { accept: 'application/json' }
  if (body === undefined) return { method, headers }
  return { method, headers: { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(body) } }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

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
