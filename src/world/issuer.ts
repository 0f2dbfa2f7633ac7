import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { ObjectStore } from './apiServer/store.ts'
import type { CertificateAuthority } from './certificateAuthority.ts'
import {
  certificateRequests,
  conditionOf,
  listRequests,
  readRequest,
  stateOf,
  type CertificateRequest,
} from './certificateRequest.ts'
import { withCertificate, withFailure, withPending, withRefusal } from './verdicts.ts'

/** cert-manager's CA issuer with the controllers of cert-manager. */
export interface Issuer {
  /** The issuer loses its key: requests stay pending. */
  stop(): void
  /** The issuer is ready again and answers the pending requests at once. */
  start(): void
  /** The issuer signs with another CA from now on. */
  rotate(authority: CertificateAuthority): void
  /** The issuer never answers the requests of this pod from now on. */
  ignorePod(podUid: string): void
}

/** What is wrong with an issuer that issues. */
export interface IssuerFaults {
  /** By how much later it answers, ms. */
  readonly slowMs?: number
  /** How long before it issues a certificate its validity begins, ms. It ends as usual. */
  readonly datesBackMs?: number
}

interface IssuerOptions extends IssuerFaults {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly authority: CertificateAuthority
  readonly lifetimeMs: number
  readonly signal: AbortSignal
}

/** Starts an issuer that answers every approved CertificateRequest within 100 ms unless it is slow, until `signal` aborts. */
export function startIssuer(options: IssuerOptions): Issuer {
  const issuer = new CaIssuer(options)
  const { store, signal } = options
  const unfollow = store.follow(certificateRequests, store.revision, ({ current }) => {
    if (current?.namespace !== undefined) void issuer.reconcile(current.namespace, current.name)
  })
  signal.addEventListener('abort', unfollow)
  return issuer
}

class CaIssuer implements Issuer {
  readonly #options: IssuerOptions
  readonly #ignoredPods = new Set<string>()
  #authority: CertificateAuthority
  #ready = true

  constructor(options: IssuerOptions) {
    this.#options = options
    this.#authority = options.authority
  }

  stop(): void {
    this.#ready = false
  }

  start(): void {
    this.#ready = true
    for (const { metadata } of listRequests(this.#options.store)) {
      if (metadata.namespace !== undefined) void this.reconcile(metadata.namespace, metadata.name)
    }
  }

  rotate(authority: CertificateAuthority): void {
    this.#authority = authority
  }

  ignorePod(podUid: string): void {
    this.#ignoredPods.add(podUid)
  }

  async reconcile(namespace: string, name: string): Promise<void> {
    const { clock, store, slowMs = 0, signal } = this.#options
    await clock.sleep(slowMs + 30 + 60 * clock.random(), signal)
    const request = readRequest(store, namespace, name)
    if (signal.aborted || request === undefined || !this.#needsAnswer(request)) return
    const answered = await this.#answer(request)
    const current = readRequest(store, namespace, name)
    // If the request has changed meanwhile, that change leads to another call.
    if (current?.metadata.resourceVersion !== request.metadata.resourceVersion) return
    store.update(certificateRequests, answered)
  }

  /** Reports whether the request needs an answer: it is approved and has not ended, or it is denied and not marked so. */
  #needsAnswer(request: CertificateRequest): boolean {
    if (request.metadata.ownerReferences?.some(({ uid }) => this.#ignoredPods.has(uid))) return false
    const state = stateOf(request)
    return state === 'approved' || (state === 'denied' && conditionOf(request, 'Ready') === undefined)
  }

  async #answer(request: CertificateRequest): Promise<CertificateRequest> {
    const { clock, lifetimeMs, datesBackMs = 0 } = this.#options
    const authority = this.#authority
    const nowMs = clock.now()
    if (stateOf(request) === 'denied') return withRefusal(request, nowMs)
    if (!this.#ready) return withPending(request, nowMs)
    try {
      const signingRequest = Buffer.from(request.spec.request, 'base64').toString()
      const validity = { notBeforeMs: nowMs - datesBackMs, lifetimeMs: lifetimeMs + datesBackMs }
      const certificatePem = await authority.sign(signingRequest, validity)
      return withCertificate(request, certificatePem, authority.certificatePem, nowMs)
    } catch (error) {
      return withFailure(request, messageOf(error), nowMs)
    }
  }
}
