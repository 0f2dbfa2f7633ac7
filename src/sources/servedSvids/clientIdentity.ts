import type { SecureContext } from 'node:tls'
import { messageOf } from '../../errors.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import type { FileFailure } from '../../files/readTextFile.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { printable } from '../../text/printable.ts'
import { contextFor, type ClientCertificate } from './secureContexts.ts'

/** The files of a client certificate and its private key. */
export interface ClientFiles {
  readonly clientCertificate: string
  readonly clientKey: string
}

/** Why a client certificate cannot be presented. */
export interface UnusableIdentity {
  readonly reason: RejectionReason
  readonly where: string
  readonly detail: string
}

const maxBytes = 1_048_576

/** Reads a client certificate and its key for each probe, since both are renewed, and makes a context only of new ones. */
export class ClientIdentity {
  readonly #files: FileCalls
  readonly #paths: ClientFiles
  #made: { readonly client: ClientCertificate; readonly context: SecureContext | UnusableIdentity } | undefined

  constructor(files: FileCalls, paths: ClientFiles) {
    this.#files = files
    this.#paths = paths
  }

  /** Returns the context that presents the client certificate. Never rejects. */
  async context(): Promise<{ readonly context: SecureContext } | UnusableIdentity> {
    const { clientCertificate, clientKey } = this.#paths
    const cert = await this.#files.readText(clientCertificate, { maxBytes })
    if ('problem' in cert) return unreadable(clientCertificate, cert)
    const key = await this.#files.readText(clientKey, { maxBytes, mayBeKey: true })
    if ('problem' in key) return unreadable(clientKey, key)
    const client = { cert: cert.text, key: key.text }
    if (this.#made?.client.cert !== client.cert || this.#made.client.key !== client.key)
      this.#made = { client, context: madeOf(client, clientCertificate) }
    const { context } = this.#made
    return 'reason' in context ? context : { context }
  }
}

const unreadable = (where: string, { problem, detail }: FileFailure): UnusableIdentity => ({
  reason: problem,
  where,
  detail,
})

function madeOf(client: ClientCertificate, where: string): SecureContext | UnusableIdentity {
  try {
    return contextFor(client)
  } catch (error) {
    const detail = printable(`it cannot be presented with its key: ${messageOf(error)}`)
    return { reason: 'malformed_certificate', where, detail }
  }
}
