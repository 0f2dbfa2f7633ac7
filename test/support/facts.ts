import type { SvidFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { CopyFacts } from '../../src/ledger/workloads/compared/copyFacts.ts'
import { noFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { UnissuedRequest } from '../../src/ledger/workloads/svid.ts'
import type { CopyName } from '../../src/ledger/workloads/view.ts'
import { issuedAtMs, svidView } from './fakeLedger.ts'

const minute = 60_000

/** When the renewal of the SVIDs of `copyFacts` is due. */
export const dueMs = issuedAtMs + 40 * minute
/** When it counts as missed: 27 % of the remaining 20 minutes later. */
export const missedMs = dueMs + 5.4 * minute
/** When the SVIDs expire. */
export const endMs = issuedAtMs + 60 * minute

/** Returns a copy of the SVID of the pod `team-a/web-0`, valid for an hour and known until `knownMs`. */
export function copyFacts(copy: CopyName, knownMs: number, given: Partial<CopyFacts> = {}): CopyFacts {
  const { labels, svid } = svidView({ copy })
  return { labels, svid, renewalDueMs: dueMs, knownMs, ...given }
}

/** Returns the same SVID as it was renewed at `atMs`. */
export function renewedFacts(copy: CopyName, knownMs: number, atMs: number): CopyFacts {
  const { svid, ...rest } = copyFacts(copy, knownMs)
  const laterMs = atMs - issuedAtMs
  return {
    ...rest,
    svid: { ...svid, notBeforeMs: atMs, notAfterMs: endMs + laterMs },
    renewalDueMs: dueMs + laterMs,
  }
}

/** Returns an SVID without any copy. `given` replaces facts. A mounted copy that is stale is so by a drift, too. */
export function svidFacts(given: Partial<SvidFacts> = {}): SvidFacts {
  const { labels } = svidView({ spiffe_id: '', trust_domain: '' })
  const { staleSinceMs } = given
  const drifts = staleSinceMs === undefined ? [] : [{ cause: 'mount_stale', sinceMs: staleSinceMs } as const]
  return { ...noFacts, key: 'uid-0/tls', labels, mounted: undefined, problem: undefined, drifts, ...given }
}

/** Returns a request that waits for its issuer, made when the renewal was due. */
export function waitingRequest(given: Partial<UnissuedRequest> = {}): UnissuedRequest {
  return {
    uid: 'request-2',
    name: 'web-0-2',
    issuer: 'ClusterIssuer/spiffe-ca',
    createdMs: dueMs,
    askedMs: dueMs,
    state: 'approved',
    reason: 'issuer_not_ready',
    message: 'The issuer is not ready',
    ...given,
  }
}
