import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Credentials } from '../../src/kubernetes/credentials.ts'

export type Fault =
  /** The relay answers itself. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  /** The relay changes the query. */
  | { readonly set: Readonly<Record<string, string>> }
  /** The API server handles the request, but the connection breaks before the answer has arrived. */
  | { readonly answer: 'lost' }
  /** The request goes nowhere, and its connection stays open. */
  | { readonly answer: 'never' }

/** A relay in front of an API server that causes faults. It has the credentials, so clients need none, and speaks plain HTTP. */
export interface FaultyRelay {
  /** A kubeconfig in YAML whose current context is this relay. */
  readonly kubeconfig: string
  /** The URLs of all GET requests. */
  readonly requests: readonly URL[]
  /** Is called for each request and returns its fault; undefined lets the request pass. */
  fault: (url: URL, method: string) => Fault | undefined
  /** Is called for each request that the API server answers with a success, before the answer is passed on. */
  passing: (url: URL) => void
  /** Closes every connection. */
  cut(): void
  /** Resets every connection now (TCP RST), like a crash of a machine in between. */
  reset(): void
  /**
   * The API server's side of every connection is gone from now on, and the client's side stays open, like behind a load balancer. New
   * connections work.
   */
  freeze(): void
  /** Passes only the first half of the next line of a streaming answer, then ends the answer properly or breaks it. */
  halveNext(ending: 'end' | 'destroy', matches?: (url: URL) => boolean): void
  /** Closes all connections, and refuses new ones until `listen`. */
  goAway(): Promise<void>
  /** Listens; on the same port again after a stop. */
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
  /** The connections whose other side is gone. */
  readonly #frozen = new WeakSet<Socket>()
  readonly #answers = new Set<IncomingMessage>()
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

  freeze(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket)
    for (const answer of this.#answers) answer.destroy()
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
    if (this.#frozen.has(request.socket)) return
    const fault = this.fault(url, request.method ?? '')
    if (fault !== undefined && 'status' in fault) {
      request.resume()
      response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body) + '\n')
      return
    }
    if (fault !== undefined && 'answer' in fault && fault.answer === 'never') return
    const asked = new URL(url)
    if (fault !== undefined && 'set' in fault)
      for (const [name, value] of Object.entries(fault.set)) asked.searchParams.set(name, value)
    try {
      const answer = await this.#ask(asked, request, response)
      if (fault !== undefined && 'answer' in fault) await this.#lose(answer, response)
      else await this.#pass(url, answer, response)
    } catch {
      if (!this.#frozen.has(request.socket)) response.destroy()
    }
  }

  async #ask(url: URL, request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const { server } = this.#upstream
    const { accept = 'application/json', 'content-type': type, 'content-length': length } = request.headers
    const headers = { accept, ...(type && { 'content-type': type, 'content-length': length }) }
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
    this.#answers.add(answer)
    try {
      await pipeline(answer, (pieces) => this.#piecesOf(url, pieces, response), response, { end: false })
      response.end()
    } finally {
      this.#answers.delete(answer)
    }
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
