import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import { messageOf } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import type { Answer, Presented } from './answer.ts'
import { connectFailure, handshakeFailure } from './failures.ts'
import { leafOfSession } from './sessionLeaf.ts'

/** Where to connect, and what to say there. */
export interface Server {
  readonly host: string
  readonly port: number
  readonly context: SecureContext
  /** The name to send (SNI), never an IP address; none is sent without it. */
  readonly serverName?: string | undefined
  /** The protocols to offer (ALPN); none is offered without them. */
  readonly alpn?: readonly string[] | undefined
  /** Reports whether the chain behind a certificate is needed; it is not read otherwise. */
  readonly needsChain?: ((leaf: Buffer) => boolean) | undefined
}

/** More than a handshake with the longest chain takes: OpenSSL reads 100 kB of certificates, and lets some messages come for ever. */
const maxBytes = 262_144

/** The most certificates of a chain that are looked at; `identity` refuses chains that are shorter. */
const maxCertificates = 32

/**
 * One connection, which reads the certificate of the server and is closed. The certificate is not verified, and whoever presents it
 * need not have its key: a server that demands a client certificate ends the handshake before that is known.
 */
export class Connection {
  /** When its time is over: `expire` must be called then. */
  dueMs: number
  /** Settles once the connection is closed. Never rejects. */
  readonly answer: Promise<Answer>
  readonly #server: Server
  readonly #socket: Socket
  readonly #lingerUntilMs: () => number
  #tls: TLSSocket | undefined
  #answer: Answer | undefined

  /** `lingerUntilMs` returns until when the server may close its side once the certificate is read. */
  constructor(server: Server, dueMs: number, lingerUntilMs: () => number) {
    this.#server = server
    this.dueMs = dueMs
    this.#lingerUntilMs = lingerUntilMs
    this.#socket = connectTcp({ host: server.host, port: server.port, noDelay: true })
    this.#socket.on('error', (error: Error) => this.#failed(error))
    this.#socket.once('connect', () => this.#shakeHands())
    this.answer = new Promise((resolve) => {
      this.#socket.once('close', () => resolve(this.#answer ?? closedEarly))
    })
  }

  /** Ends the connection if the server has sent more than a handshake needs. */
  checkSize(): void {
    if (this.#socket.bytesRead <= maxBytes) return
    this.#end({ outcome: 'too_large', detail: `the server has sent more than ${maxBytes} bytes, and no certificate` })
  }

  /** Ends the connection because its time is over. */
  expire(timeoutMs: number): void {
    this.#end({ outcome: 'timeout', detail: `${this.#progress()} within ${timeoutMs} ms` })
  }

  /** Ends the connection. */
  destroy(): void {
    this.#tls?.destroy()
    this.#socket.destroy()
  }

  #progress(): string {
    if (this.#tls === undefined) return 'no connection'
    const { bytesRead } = this.#socket
    return bytesRead === 0
      ? 'connected, and the server sent nothing'
      : `the server sent ${bytesRead} bytes, and no certificate`
  }

  #shakeHands(): void {
    const { context, serverName, alpn } = this.#server
    this.#tls = connectTls({
      socket: this.#socket,
      secureContext: context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(serverName !== undefined && { servername: serverName }),
      ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
    })
    this.#tls.on('error', (error: Error) => this.#failed(error))
    this.#tls.once('secureConnect', () => this.#secure())
    this.#tls.once('close', () => this.#socket.destroy())
  }

  /** The handshake has ended well, which is the last that the server needs to see: it is told of the end, and may close its side. */
  #secure(): void {
    this.#answer ??= this.#presented() ?? noCertificate
    this.dueMs = this.#lingerUntilMs()
    this.#tls?.resume()
    this.#tls?.end()
  }

  /** In TLS 1.2, a server that demands a client certificate refuses the handshake after it has presented its own. */
  #failed(error: Error): void {
    this.#end(this.#tls === undefined ? connectFailure(error) : (this.#presented() ?? handshakeFailure(error)))
  }

  #end(answer: Answer): void {
    this.#answer ??= answer
    this.destroy()
  }

  /** Returns what the server has presented; undefined if nothing yet. Nothing may be thrown in the handler of an event. */
  #presented(): Answer | undefined {
    try {
      return this.#certificates()
    } catch (error) {
      return { outcome: 'malformed_certificate', detail: printable(messageOf(error)) }
    }
  }

  /**
   * Node.js has three ways to a certificate. `getPeerCertificate` ends the process if the key in the certificate cannot be read, and
   * `getPeerX509Certificate`, the only one that has the chain, never frees 2 kB of each certificate. So it is called only when the chain
   * makes a difference, and otherwise the certificate comes from the session.
   */
  #certificates(): Presented | undefined {
    const session = this.#tls?.getSession()
    const leaf = session && leafOfSession(session)
    if (leaf !== undefined && !this.#server.needsChain?.(leaf)) return { certificates: [leaf] }
    let certificate = this.#tls?.getPeerX509Certificate()
    if (certificate === undefined) return undefined
    const ders: [Buffer, ...Buffer[]] = [certificate.raw]
    for (;;) {
      certificate = certificate.issuerCertificate
      if (certificate === undefined || ders.length > maxCertificates) return { certificates: ders }
      ders.push(certificate.raw)
    }
  }
}

const closedEarly: Answer = { outcome: 'closed', detail: 'the server closed the connection' }
const noCertificate: Answer = {
  outcome: 'no_common_protocol',
  detail: 'the server chose a cipher without a certificate',
}
