import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import type { Credentials } from '../../src/kubernetes/credentials.ts'

/** What happens to a request instead of its normal course. */
export type Fault =
  /** The relay answers by itself. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  /** The API server is asked with another query. */
  | { readonly set: Readonly<Record<string, string>> }

/** A relay in front of an API server, for GET requests over plain HTTP. It has the credentials, so that whoever connects needs none, and makes faults. */
export interface FaultyRelay {
  /** The YAML of a kubeconfig whose current context is this relay. */
  readonly kubeconfig: string
  /** Every request, as it came in. */
  readonly requests: readonly URL[]
  /** Asked for each request; undefined lets it pass. */
  fault: (url: URL) => Fault | undefined
  /** Cuts every connection now. */
  cut(): void
  /** Passes only the first half of the next piece of any answer that is streaming, and then closes it properly, or cuts it. */
  halveNext(ending: 'end' | 'destroy'): void
  close(): Promise<void>
}

export async function startFaultyRelay(upstream: Credentials): Promise<FaultyRelay> {
  const relay = new Relay(upstream)
  await relay.listen()
  return relay
}

class Relay implements FaultyRelay {
  readonly requests: URL[] = []
  fault: (url: URL) => Fault | undefined = () => undefined
  readonly #upstream: Credentials
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  #halving: 'end' | 'destroy' | undefined

  constructor(upstream: Credentials) {
    this.#upstream = upstream
  }

  get kubeconfig(): string {
    const address = this.#server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return JSON.stringify({
      clusters: [{ name: 'relay', cluster: { server: `http://127.0.0.1:${port ?? ''}` } }],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'relay', context: { cluster: 'relay', user: 'nobody' } }],
      'current-context': 'relay',
    })
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  cut(): void {
    this.#server.closeAllConnections()
  }

  halveNext(ending: 'end' | 'destroy'): void {
    this.#halving = ending
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://relay')
    this.requests.push(url)
    const fault = this.fault(url)
    if (fault !== undefined && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body) + '\n')
      return
    }
    const asked = new URL(url)
    for (const [name, value] of Object.entries(fault?.set ?? {})) asked.searchParams.set(name, value)
    try {
      await this.#forward(asked, response)
    } catch {
      response.destroy()
    }
  }

  async #forward(url: URL, response: ServerResponse): Promise<void> {
    const { server } = this.#upstream
    const options: RequestOptions = { headers: { accept: 'application/json' } }
    await this.#upstream.apply(options)
    const asked = (server.protocol === 'https:' ? https : http).request(
      new URL(url.pathname + url.search, server),
      options,
    )
    response.on('close', () => asked.destroy())
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' }).flushHeaders()
    for await (const piece of answer as AsyncIterable<Buffer>) {
      if (this.#halving !== undefined) return this.#halve(piece, response)
      response.write(piece)
    }
    response.end()
  }

  #halve(piece: Buffer, response: ServerResponse): void {
    const ending = this.#halving
    this.#halving = undefined
    const half = piece.subarray(0, Math.floor(piece.length / 2))
    if (ending === 'end') response.end(half)
    else response.write(half, () => response.destroy())
  }
}
