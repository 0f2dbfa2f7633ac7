import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { findingsContentType } from '../../src/nodeStream/contract.ts'
import { encodeLine, type StreamLine } from '../../src/nodeStream/lines.ts'
import { mounted } from './observations.ts'

const fingerprint = 'f'.repeat(64)

/** Returns the line about an SVID in the volume `spiffe` of a pod. */
export function mountedLine(podUid: string, fingerprintOfSvid = fingerprint): StreamLine {
  const observation = mounted({ podUid })
  if (!('svid' in observation.reading)) throw new Error('the SVID of the tests can be read')
  const svid = { ...observation.reading.svid, fingerprint: fingerprintOfSvid }
  return { type: 'mounted', mounted: { ...observation, reading: { svid } } }
}

/** Returns the snapshot of a node role that sees its files. */
export function snapshot(...podUids: readonly string[]): StreamLine[] {
  return [
    { type: 'snapshot' },
    ...podUids.map((podUid) => mountedLine(podUid)),
    { type: 'synced' },
    { type: 'sighted' },
  ]
}

export const textOf = (lines: readonly StreamLine[]): string => lines.map(encodeLine).join('')

/** An answer of a node role: a 200 that begins with this text and stays open. */
export function stream(text: string): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': findingsContentType }).flushHeaders()
    response.write(text)
  }
}

/** A node role that behaves as a test wants, correctly or not, at a real port of this machine. It is closed after the test. */
export class NodeRoleServer {
  /** The answer to requests from now on. */
  answer: RequestListener
  /** The Authorization header of each request so far. */
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

  /** The number of current followers. */
  get followers(): number {
    return this.#open.size
  }

  /** Sends a line to every follower. */
  say(...lines: readonly StreamLine[]): void {
    this.write(textOf(lines))
  }

  /** Sends any text to every follower. */
  write(text: string): void {
    for (const response of this.#open) response.write(text)
  }

  /** Ends every stream properly. */
  endStreams(): void {
    for (const response of this.#open) response.end()
  }

  /** Cuts every connection in the middle of a line. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  /** Stops like a killed process; `listen` starts it again. */
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
