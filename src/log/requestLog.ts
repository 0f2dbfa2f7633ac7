import type { Clock } from '../clock.ts'
import type { Follow, LedgerChanges } from '../ledger/changes.ts'
import { attestationMethod } from '../ledger/issuance/totals.ts'
import type { ConcludedRequest, StepSeconds } from '../ledger/issuance/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import { known } from '../known.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { EventFields, Log } from './log.ts'
import { Sampling } from './sampling.ts'

export interface RequestLogOptions {
  readonly log: Log
  readonly clock: Clock
  readonly follow: Follow
  readonly placeOf: LedgerView['placeOf']
  /** Whether certificate files are watched. */
  readonly watchesFiles: boolean
  /** The agent that asks for SVIDs; undefined if there is none, or several. */
  readonly agent: string | undefined
  readonly issuedLevel: 'debug' | 'info'
  readonly issuedPerSecond: number
  /** Returns the ids of the first span of a rotation; undefined if it has no trace. */
  readonly idsOf: (
    request: ConcludedRequest['request'],
  ) => { readonly traceId: string; readonly spanId: string } | undefined
}

/** RequestLog writes one line for each request for an SVID that has ended, and for each SVID in a file that was replaced. */
export class RequestLog {
  readonly #options: RequestLogOptions
  readonly #sampling: Sampling
  /** The fingerprints of the SVIDs in files. */
  readonly #files = new Map<string, string>()

  constructor(options: RequestLogOptions) {
    const { log, clock, follow, issuedPerSecond, watchesFiles } = options
    this.#options = options
    this.#sampling = new Sampling(log, clock, issuedPerSecond, 'issued SVIDs')
    follow('concluded', (concluded) => this.#concluded(concluded))
    if (watchesFiles) follow('copy', (change) => this.#replaced(change))
  }

  #concluded(concluded: ConcludedRequest): void {
    const { request } = concluded
    const { namespace, name, owner, spiffeId, issuer, state, reason, message } = request
    const who = owner ? `${namespace}/${owner.podName}` : `CertificateRequest ${namespace}/${name}`
    if (state === 'issued')
      return this.#issued(() => this.#fieldsOf(concluded), `${who}: ${issuer} has issued ${spiffeId}`)
    const fields = known({ failure_reason: reason, detail: message, ...this.#fieldsOf(concluded) })
    const why = message === undefined ? reason : `${reason}: ${message}`
    const words = `${who}: ${issuer}: the request for ${spiffeId || 'an SVID'} ${verbs[state]} (${why})`
    this.#options.log.warn({ event: 'workload_attestation', ...fields }, words)
  }

  #replaced({ labels: { file }, svid, problem }: LedgerChanges['copy']): void {
    if (file === '' || svid === undefined || problem !== undefined) return
    const before = this.#files.get(file)
    this.#files.set(file, svid.fingerprint)
    if (before === undefined || before === svid.fingerprint) return
    const { spiffeId, trustDomain } = svid
    const fields = { file, spiffe_id: spiffeId, trust_domain: trustDomain, ...lifetimeOf(svid), rotation: true }
    this.#issued(() => ({ ...fields, result: 'success' }), `${file}: the SVID ${spiffeId} was replaced`)
  }

  /** Thousands of lines may be left out, so that fields are made only for those that are written. */
  #issued(fields: () => EventFields, message: string): void {
    const { log, issuedLevel } = this.#options
    if (this.#sampling.takes()) log[issuedLevel]({ event: 'svid_issued', ...known(fields()) }, message)
  }

  #fieldsOf({ request, seconds, isRenewal }: ConcludedRequest): EventFields {
    const { idsOf, placeOf, agent } = this.#options
    const { owner, svid } = request
    const node = placeOf(request)?.node
    const ids = idsOf(request)
    return {
      result: request.state === 'issued' ? 'success' : 'failure',
      spiffe_id: request.spiffeId,
      trust_domain: request.trustDomain,
      namespace: request.namespace,
      pod: owner?.podName,
      workload_uid: owner?.podUid,
      agent_id: node && agent && `${node}/${agent}`,
      issuer: request.issuer,
      request: request.name,
      attestation_method: attestationMethod,
      duration_ms: durationOf(request, seconds),
      ...(svid && lifetimeOf(svid)),
      rotation: isRenewal,
      trace_id: ids?.traceId,
      span_id: ids?.spanId,
    }
  }
}

const verbs: Readonly<Record<string, string>> = { denied: 'was denied', failed: 'has failed' }

/** Returns how long a request took, ms: as it was counted if it was issued, else by its times. */
function durationOf(
  { createdMs, concludedMs }: ConcludedRequest['request'],
  { renewal }: StepSeconds,
): number | undefined {
  if (renewal !== undefined) return Math.round(renewal * 1000)
  return concludedMs === undefined ? undefined : Math.max(concludedMs - createdMs, 1_000)
}

const lifetimeOf = ({ notBeforeMs, notAfterMs }: { readonly notBeforeMs: number; readonly notAfterMs: number }) => ({
  expires_at: rfc3339(notAfterMs),
  ttl_seconds: Math.round((notAfterMs - notBeforeMs) / 1000),
})
