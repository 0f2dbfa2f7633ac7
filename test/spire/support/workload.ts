import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server } from 'node:tls'
import { until } from '../../cluster/support/shell.ts'
import type { GivenSvid, Spire } from './spire.ts'

/** What the server says to a client that it accepts. */
const greeting = 'hello'

/**
 * A workload with an SVID from its agent. Its server accepts only clients of the other trust domain, which it verifies with the bundle that
 * came with the SVID.
 */
export class Workload implements AsyncDisposable {
  readonly #spire: Spire
  readonly #folder: string
  readonly #server: Server
  #svid: GivenSvid

  private constructor(spire: Spire, folder: string, server: Server, svid: GivenSvid) {
    this.#spire = spire
    this.#folder = folder
    this.#server = server
    this.#svid = svid
  }

  static async start(spire: Spire): Promise<Workload> {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-spire-'))
    const svid = await spire.givenSvid(folder)
    const server = createServer(contextOf(svid), (socket) => socket.on('error', () => undefined).end(greeting))
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Workload(spire, folder, server, svid)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Waits until the agent has renewed the SVID, and presents the new one from then on. */
  async reload(): Promise<void> {
    const before = new X509Certificate(this.#svid.certificate).fingerprint256
    this.#svid = await until(`another SVID of ${this.#spire.trustDomain}`, 120, async () => {
      const given = await this.#spire.givenSvid(this.#folder)
      return new X509Certificate(given.certificate).fingerprint256 === before ? undefined : given
    })
    this.#server.setSecureContext(contextOf(this.#svid))
  }

  /** What its agent has given it last. */
  get svid(): GivenSvid {
    return this.#svid
  }

  /** Resolves with whether a client with this SVID and this bundle, and the server, accept each other. */
  async accepts({ certificate, key, federatedBundle }: GivenSvid): Promise<boolean> {
    const socket = connect({
      port: this.port,
      host: '127.0.0.1',
      cert: certificate,
      key,
      ca: federatedBundle,
      // A SPIFFE peer looks at the SPIFFE ID, not at the name of the host.
      checkServerIdentity: () => undefined,
    })
    const said = await socket.toArray().catch(() => [])
    return Buffer.concat(said as Buffer[]).toString() === greeting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const contextOf = ({ certificate, key, federatedBundle }: GivenSvid) => ({
  cert: certificate,
  key,
  ca: federatedBundle,
  requestCert: true,
  rejectUnauthorized: true,
})
