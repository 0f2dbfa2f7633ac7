import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { ask, checkStatus, type AskOptions } from '../http/ask.ts'
import type { Credentials } from './credentials.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/api` or `/apis`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** The content type of the body; `application/json` by default. */
  readonly contentType?: string | undefined
  /** The media type of the answer; `application/json` by default. */
  readonly accept?: string | undefined
  /** Uses a connection of its own: a reused one may have died as silently as a stream that is to be resumed. */
  readonly isStream?: boolean
}

/** Returns the name of a request in messages, such as `GET /api/v1/pods`. */
export function nameOf({ method, path }: Pick<Call, 'method' | 'path'>): string {
  return `${method} ${path}`
}

const json = 'application/json'
const maxRefusalBytes = 64 * 1024

/** Sends requests to one API server over connections that are reused, except for streams. */
export class Exchange {
  readonly #credentials: Credentials
  readonly #agent: http.Agent
  readonly #streamAgent: http.Agent

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    const { Agent } = credentials.server.protocol === 'https:' ? https : http
    this.#agent = new Agent({ keepAlive: true })
    this.#streamAgent = new Agent({ keepAlive: false })
  }

  /**
   * Sends a request, and passes the answer to `take` if its status is a success. `take` must read the body. Throws `configuration`,
   * a StatusError if the API server refuses, or the error of node:http, `take` or `signal`.
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
    options.agent ??= call.isStream === true ? this.#streamAgent : this.#agent
    const takeSuccess = async (response: IncomingMessage) => {
      await checkStatus(response, isSuccess, maxRefusalBytes)
      return take(response)
    }
    return ask(options, takeSuccess, body)
  }

  close(): void {
    this.#agent.destroy()
    this.#streamAgent.destroy()
  }

  #urlOf({ path, query }: Call): URL {
    const { server } = this.#credentials
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server)
    url.search = new URLSearchParams(query).toString()
    return url
  }
}

/** The content-length is set because node:http does not frame the body of a DELETE otherwise. */
function optionsOf({ method, contentType = json, accept = json }: Call, body: string | undefined): AskOptions {
  const headers = { accept }
  if (body === undefined) return { method, headers }
  return { method, headers: { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(body) } }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Waits for `work` until `signal` aborts. A credential plugin cannot be stopped, only abandoned. */
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
