import type { Clock } from '../clock.ts'
import { spiffeIdFromCsr } from '../identity/csr.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { certificateRequests, goDuration, readRequest, stateOf, type CertificateRequest } from './certificateRequest.ts'
import { withDecision } from './verdicts.ts'
import { spiffeIdOf } from './workload.ts'

/** Starts csi-driver-spiffe's approver, which decides on every CertificateRequest within 50 ms, until `signal` aborts. */
export function startApprover(clock: Clock, store: ObjectStore, lifetimeMs: number, signal: AbortSignal): void {
  const decide = async (namespace: string, name: string) => {
    await clock.sleep(20 + 30 * clock.random(), signal)
    const request = readRequest(store, namespace, name)
    if (signal.aborted || request === undefined || stateOf(request) !== 'pending') return
    store.update(certificateRequests, withDecision(request, objectionTo(request, lifetimeMs), clock.now()))
  }
  const unfollow = store.follow(certificateRequests, store.revision, ({ previous, current }) => {
    if (previous === undefined && current?.namespace !== undefined) void decide(current.namespace, current.name)
  })
  signal.addEventListener('abort', unfollow)
}

/**
 * Returns why csi-driver-spiffe denies the request, in its words. Only the rules that something in this world can break are
 * checked.
 */
function objectionTo({ spec }: CertificateRequest, lifetimeMs: number): string | undefined {
  const requested = spiffeIdFromCsr(Buffer.from(spec.request, 'base64').toString())
  if ('problem' in requested) return `failed to parse request: ${requested.detail}`
  const { duration = '0s', username = '' } = spec
  const required = goDuration(lifetimeMs)
  if (duration !== required) {
    return `requested certificate doesn't match required, required="${required}" got=&Duration{Duration:${duration},}`
  }
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  if (namespace === undefined || serviceAccount === undefined) {
    return `got non-serviceaccount encoded username: "${username}"`
  }
  const expected = spiffeIdOf(namespace, serviceAccount)
  if (requested.spiffeId === expected) return undefined
  return `unexpected SPIFFE ID requested, exp="${expected}" got="${requested.spiffeId}"`
}
