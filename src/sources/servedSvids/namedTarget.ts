import type { SecureContext } from 'node:tls'
import type { FileCalls } from '../../files/fileCalls.ts'
import { ClientIdentity } from './clientIdentity.ts'
import type { ConfiguredTarget } from './configuredTarget.ts'
import { LastPresented } from './lastPresented.ts'
import type { Probing, Target } from './probing.ts'

/** A configured server. */
export class NamedTarget implements Target {
  readonly #configured: ConfiguredTarget
  readonly #probing: Probing
  readonly #identity: ClientIdentity | undefined
  readonly #last: LastPresented
  /** Why the client certificate could not be presented last time; '' if it could. */
  #refusal = ''

  constructor(configured: ConfiguredTarget, files: FileCalls, probing: Probing) {
    const { clientCertificate, clientKey } = configured
    this.#configured = configured
    this.#probing = probing
    this.#last = new LastPresented(probing.authoritiesOf)
    if (clientCertificate !== undefined && clientKey !== undefined)
      this.#identity = new ClientIdentity(files, { clientCertificate, clientKey })
  }

  get where(): string {
    return this.#configured.address.text
  }

  async probe(): Promise<void> {
    const { prober, report } = this.#probing
    const { address, serverName, alpn } = this.#configured
    const { host, port } = address
    const context = await this.#context()
    const needsChain = (leaf: Buffer) => this.#last.needsChain(leaf)
    const answer = await prober.probe({ host, port, serverName, alpn, context, needsChain })
    const served = { target: { address: address.text }, result: this.#last.resultOf(answer) }
    report({ kind: 'served', served })
  }

  /** Without its client certificate, a server is probed as well: nearly all of them present theirs first. */
  async #context(): Promise<SecureContext> {
    const { context, report } = this.#probing
    const read = await this.#identity?.context()
    if (read === undefined) return context
    const refusal = 'reason' in read ? `${read.where}: ${read.detail}` : ''
    if ('reason' in read && refusal !== this.#refusal) report({ kind: 'rejected', source: 'servedSvids', ...read })
    this.#refusal = refusal
    return 'reason' in read ? context : read.context
  }
}
