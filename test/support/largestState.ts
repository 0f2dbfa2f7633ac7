import type { Clock } from '../../src/clock.ts'
import type { X509Svid } from '../../src/identity/x509Svid.ts'
import { maxOpen, maxRecent, type Checkpoint } from '../../src/ledger/issuance/checkpoint.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import { failureReasons, type FailureReason } from '../../src/ledger/issuance/reasons.ts'
import type { Histogram, IssuerTotals } from '../../src/ledger/issuance/totals.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { Memory } from '../../src/ledger/memory.ts'
import { sourceNames } from '../../src/ledger/sight/observations.ts'
import { change, request, requestList, svid } from './observations.ts'

export interface StateSize {
  /** The number of issuers, and the limit `limits.issuers`. */
  readonly issuers: number
  /** The length of each issuer's name, as in the label `issuer`. */
  readonly nameLength: number
  /** The reasons for which requests have failed at each issuer. */
  readonly reasons: readonly FailureReason[]
}

export const everyReason = failureReasons

const agents = ['csi-driver-spiffe', 'spire-agent']
/** Each count is multiplied by this, as if it had been counted for years. */
const scale = 123_456_789

/** Returns a uid in the format of Kubernetes, unique by `kind` and `index`. */
const uidOf = (kind: number, index: number): string =>
  `${index.toString(16).padStart(8, '0')}-${kind.toString(16).padStart(4, '0')}-4c7f-8d9e-000000000000`

/**
 * Returns a ledger in which everything that outlives a restart is at its limits. Every total of each issuer is counted, and its
 * requests have failed for all the reasons. There are more open and recently settled requests, nodes, bundles and SVIDs than the
 * ledger may remember.
 */
export function largestLedger(clock: Clock, size: StateSize): Ledger {
  const ledger = ledgerOf(clock, size)
  ledger.restore(memoryOf(clock))
  ledger.showCommittedOnly(scaledCheckpoint(clock, size))
  requestList('1000000').forEach(ledger.report)
  for (let index = 0; index < maxOpen + 1000; index += 1) ledger.report(change('added', waitingRequest(clock, index)))
  for (let index = 0; index < maxRecent + 1000; index += 1)
    ledger.report(change('added', settledRequest(clock, index, size)))
  ledger.report({ kind: 'progress', source: 'certificateRequests', resourceVersion: '9'.repeat(20) })
  return ledger
}

function ledgerOf(clock: Clock, { issuers }: StateSize): Ledger {
  return new Ledger({ clock, sources: sourceNames, maxIssuers: issuers, agents, svidAgents: agents.slice(0, 1) })
}

/** Returns the checkpoint of a ledger that has counted every total for years. */
function scaledCheckpoint(clock: Clock, size: StateSize): Checkpoint {
  const ledger = ledgerOf(clock, size)
  const nowMs = clock.now()
  requestList('1').forEach(ledger.report)
  let version = 1
  const conclude = (overrides: Partial<RequestObservation>) => {
    version += 1
    const times = { createdMs: nowMs - 120_000, approvedMs: nowMs - 60_000, concludedMs: nowMs - 60_000 }
    const one = request({ uid: uidOf(1, version), resourceVersion: String(version), ...times, ...overrides })
    ledger.report({ kind: 'request', change: 'added', listed: false, request: one })
  }
  for (let index = 0; index < size.issuers; index += 1) {
    const identity = {
      trustDomain: trustDomainOf(index),
      issuer: issuerName(index, size.nameLength),
      annotationLies: true,
    }
    conclude({ ...identity, svid: svidOf(index) })
    for (const reason of size.reasons) conclude({ ...identity, state: 'failed', reason })
  }
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('the ledger has nothing to commit')
  return { ...checkpoint, totals: checkpoint.totals.map(scaled) }
}

/** Scales all counts. Every bucket of a histogram gets a count. */
function scaled(totals: Readonly<IssuerTotals>): IssuerTotals {
  const failures = Object.entries(totals.attestationFailure).map(([reason, count]) => [reason, count * scale] as const)
  const histogram = ({ counts, sum }: Histogram) => {
    const most = Math.max(...counts)
    return { counts: counts.map(() => most * scale), sum: sum * scale + 0.123 }
  }
  return {
    ...totals,
    attestationSuccess: totals.attestationSuccess * scale,
    identityMismatches: totals.identityMismatches * scale,
    attestationFailure: Object.fromEntries(failures) as IssuerTotals['attestationFailure'],
    approvalDuration: histogram(totals.approvalDuration),
    signingDuration: histogram(totals.signingDuration),
    renewalDuration: histogram(totals.renewalDuration),
  }
}

const trustDomainOf = (issuer: number): string => `cluster-${issuer}.example.org`

function svidOf(issuer: number): X509Svid {
  const trustDomain = trustDomainOf(issuer)
  return svid({ trustDomain, spiffeId: `spiffe://${trustDomain}/ns/team-a/sa/web` })
}

/** Returns an `Issuer/NAMESPACE/NAME` of this length. */
const issuerName = (index: number, length: number): string => `Issuer/team-${index}/`.padEnd(length, `ca-${index}-`)

function waitingRequest(clock: Clock, index: number): RequestObservation {
  const createdMs = clock.now() - 3_600_000
  const uid = uidOf(2, index)
  return request({
    uid,
    resourceVersion: String(1_000_001 + index),
    state: 'pending',
    reason: 'awaiting_issuer',
    createdMs,
  })
}

/** Returns an issued request. Each has another creation time. */
function settledRequest(clock: Clock, index: number, { nameLength }: StateSize): RequestObservation {
  const identity = { trustDomain: trustDomainOf(0), issuer: issuerName(0, nameLength), svid: svidOf(0) }
  const times = { createdMs: clock.now() - index, approvedMs: clock.now(), concludedMs: clock.now() }
  return request({
    uid: uidOf(3, index),
    resourceVersion: String(1_500_001 + index),
    ...times,
    ...identity,
  })
}

/** Returns more of each than a ledger keeps. */
function memoryOf(clock: Clock): Memory {
  const nowMs = clock.now()
  const each = <Item>(length: number, make: (index: number) => Item) =>
    Array.from({ length }, (_, index) => make(index))
  return {
    installed: sourceNames,
    agentNodes: each(5_000, (index) =>
      agents.map((agent) => ({ node: `worker-${index}.eu-central-1.compute.internal`, agent })),
    ).flat(),
    bundles: each(200, (index) => ({
      trustDomain: `partner-${index}.example`,
      bootstrap: index.toString(16).padStart(64, '0'),
      refreshedMs: nowMs,
      sequence: '9'.repeat(19),
      refreshHintMs: 300_000,
      authorities: each(3, () => Buffer.alloc(600, index).toString('base64')),
      jwtAuthorities: each(3, (key) => ({ keyId: `key-${index}-${key}`, expiresMs: nowMs })),
    })),
    svids: each(2_000, (index) => {
      const podUid = uidOf(4, index)
      const fingerprint = index.toString(16).padStart(64, '0')
      const times = { createdMs: nowMs - 60_000, waitedMs: 50_000, lostMs: nowMs }
      const request = { issuer: issuerName(index % 256, 135), uid: uidOf(5, index), ...times }
      const firstNewer = { notBeforeMs: nowMs - 3_600_000, issuedMs: nowMs - 3_600_000 }
      return { podUid, volume: 'spiffe', ...request, svid: svid({ fingerprint }), firstNewer }
    }),
  }
}
