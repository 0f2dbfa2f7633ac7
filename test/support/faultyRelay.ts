import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Credentials } from '../../src/kubernetes/credentials.ts'

/** A fault that is applied to a request. */
export type Fault =
  /** The relay answers the request itself. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  /** The relay sends another query to the API server. */
  | { readonly set: Readonly<Record<string, string>> }
  /** The API server serves the request, and the connection breaks before the answer is complete. */
  | { readonly answer: 'lost' }

/**
 * A relay in front of an API server, over plain HTTP. It adds the credentials, so that its clients need none, and causes faults.
 */
export interface FaultyRelay {
  /** The YAML of a kubeconfig whose current context is this relay. */
  readonly kubeconfig: string
  /** Every GET so far, as it was received. */
  readonly requests: readonly URL[]
  /** Called for each request. Returns the fault, or undefined to let the request pass. */
  fault: (url: URL, method: string) => Fault | undefined
  /** Called for each request that the API server has answered successfully, before the answer is passed on. */
  passing: (url: URL) => void
  /** Closes every connection. */
  cut(): void
  /** Resets every connection (TCP RST), as a crash of a machine in between does. */
  reset(): void
  /** Passes on only the first half of the next line of a streaming answer, and then ends the answer properly, or cuts it. */
  halveNext(ending: 'end' | 'destroy', matches?: (url: URL) => boolean): void
  /** Closes all connections and refuses new ones until `listen`. */
  goAway(): Promise<void>
  /** Listens again on the same port. */
  listen(): Promise<void>
  close(): Promise<void>
}

export async function startFaultyRelay(upstream: Credentials): Promise<FaultyRelay> {
  const relay = new Relay(upstream)
  await relay.listen()
  return relay
}

class Relay implements FaultyRelay {
  readonly requests: URL[] = []
  fault: FaultyRelay['fault'] = () => undefined
  passing: FaultyRelay['passing'] = () => undefined
  readonly #upstream: Credentials
  readonly #agent: http.Agent
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  readonly #sockets = new Set<Socket>()
  #port = 0
  #halving: { readonly ending: 'end' | 'destroy'; readonly matches: (url: URL) => boolean } | undefined

  constructor(upstream: Credentials) {
    this.#upstream = upstream
    this.#agent = new (upstream.server.protocol === 'https:' ? https : http).Agent({ keepAlive: true })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  get kubeconfig(): string {
    return JSON.stringify({
      clusters: [{ name: 'relay', cluster: { server: `http://127.0.0.1:${this.#port}` } }],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'relay', context: { cluster: 'relay', user: 'nobody' } }],
      'current-context': 'relay',
    })
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  cut(): void {
    this.#server.closeAllConnections()
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  halveNext(ending: 'end' | 'destroy', matches: (url: URL) => boolean = () => true): void {
    this.#halving = { ending, matches }
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.goAway()
    this.#agent.destroy()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://relay')
    if (request.method === 'GET') this.requests.push(url)
    const fault = this.fault(url, request.method ?? '')
    if (fault !== undefined && 'status' in fault) {
      request.resume()
      response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body) + '\n')
      return
    }
    const asked = new URL(url)
    if (fault !== undefined && 'set' in fault)
      for (const [name, value] of Object.entries(fault.set)) asked.searchParams.set(name, value)
    try {
      const answer = await this.#ask(asked, request, response)
      if (fault !== undefined && 'answer' in fault) await this.#lose(answer, response)
      else await this.#pass(url, answer, response)
    } catch {
      response.destroy()
    }
  }

  /** Returns the API server's answer to a request. */
  async #ask(url: URL, request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const { server } = this.#upstream
    const { 'content-type': type, 'content-length': length } = request.headers
    const headers = { accept: 'application/json', ...(type && { 'content-type': type, 'content-length': length }) }
    const options: RequestOptions = { method: request.method, headers }
    await this.#upstream.apply(options)
    options.agent ??= this.#agent
    const { request: open } = server.protocol === 'https:' ? https : http
    const asked = open(new URL(url.pathname + url.search, server), options)
    response.on('close', () => asked.destroy())
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>
    const [[answer]] = await Promise.all([answered, pipeline(request, asked)])
    return answer
  }

  async #pass(url: URL, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const { statusCode = 500, headers } = answer
    if (statusCode < 300) this.passing(url)
    const retryAfter = headers['retry-after']
    const passed = { 'content-type': 'application/json', ...(retryAfter && { 'retry-after': retryAfter }) }
    response.writeHead(statusCode, passed).flushHeaders()
    await pipeline(answer, (pieces) => this.#piecesOf(url, pieces, response), response)
  }

  async *#piecesOf(url: URL, pieces: AsyncIterable<Buffer>, response: ServerResponse): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      const halving = this.#halving
      if (!halving?.matches(url)) {
        yield piece
        continue
      }
      this.#halving = undefined
      const line = piece.subarray(0, piece.indexOf('\n') + 1 || piece.length)
      const half = line.subarray(0, Math.floor(line.length / 2))
      if (halving.ending === 'end') yield half
      else await new Promise<void>((resolve) => response.write(half, () => resolve()))
      if (halving.ending === 'destroy') throw new Error('cut')
      return
    }
  }

  async #lose(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    await answer.resume().toArray()
    response.destroy()
  }
}
