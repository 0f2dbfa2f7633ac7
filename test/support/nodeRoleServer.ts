import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { findingsContentType } from '../../src/nodeStream/contract.ts'
import { encodeLine, type StreamLine } from '../../src/nodeStream/lines.ts'
import { mounted } from './observations.ts'

const fingerprint = 'f'.repeat(64)

/** Returns the line that reports an SVID in the volume `spiffe` of a pod. */
export function mountedLine(podUid: string, fingerprintOfSvid = fingerprint): StreamLine {
  const observation = mounted({ podUid })
  if (!('svid' in observation.reading)) throw new Error('the SVID of the tests can be read')
  const svid = { ...observation.reading.svid, fingerprint: fingerprintOfSvid }
  return { type: 'mounted', mounted: { ...observation, reading: { svid } } }
}

/** Returns the first lines of a node role that sees its files: its snapshot and its sight. */
export function snapshot(...podUids: readonly string[]): StreamLine[] {
  return [
    { type: 'snapshot' },
    ...podUids.map((podUid) => mountedLine(podUid)),
    { type: 'synced' },
    { type: 'sighted' },
  ]
}

export const textOf = (lines: readonly StreamLine[]): string => lines.map(encodeLine).join('')

/** Returns a handler that answers with status 200 and `text`, and keeps the answer open. */
export function stream(text: string): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': findingsContentType }).flushHeaders()
    response.write(text)
  }
}

/** A node role that answers as a test wants, valid or not, on a real port of this machine. It stops after the test. */
export class NodeRoleServer {
  /** The handler of the requests to come. */
  answer: RequestListener
  /** The Authorization headers of all requests so far. */
  readonly authorizations: (string | undefined)[] = []
  readonly #server: Server
  readonly #open = new Set<ServerResponse>()

  private constructor(answer: RequestListener) {
    this.answer = answer
    this.#server = createServer((request, response) => {
      this.authorizations.push(request.headers.authorization)
      this.#open.add(response)
      response.on('close', () => this.#open.delete(response))
      this.answer(request, response)
    })
  }

  static async start(answer: RequestListener = stream(textOf(snapshot())), address = '127.0.0.1') {
    const role = new NodeRoleServer(answer)
    await role.listen(0, address)
    onTestFinished(() => role.kill())
    return role
  }

  async listen(port: number, address = '127.0.0.1'): Promise<void> {
    this.#server.listen(port, address)
    await once(this.#server, 'listening')
  }

  get address(): string {
    return this.#bound().address
  }

  get port(): number {
    return this.#bound().port
  }

  get followers(): number {
    return this.#open.size
  }

  say(...lines: readonly StreamLine[]): void {
    this.write(textOf(lines))
  }

  write(text: string): void {
    for (const response of this.#open) response.write(text)
  }

  /** Ends every stream properly. */
  endStreams(): void {
    for (const response of this.#open) response.end()
  }

  /** Breaks every connection in the middle of its answer. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  /** Stops like a killed process. `listen` starts the server again. */
  kill(): void {
    this.#server.close()
    this.cut()
  }

  #bound(): AddressInfo {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the node role does not listen')
    return address
  }
}
