import type { Candidate, IssuerFacts, PodFacts, Situation } from '../../src/watchdog/candidate.ts'
import { decide, type Decide } from '../../src/watchdog/decide.ts'
import { emptyHistory, type History, type Reservation } from '../../src/watchdog/history/history.ts'
import { defaultPolicy, type Policy } from '../../src/watchdog/policy.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
/** A Sunday. */
export const nowMs = Date.UTC(2026, 10, 22, 12)
export const issuer = 'ClusterIssuer/spiffe-ca'

/** A pod that may be restarted. */
export const aPod = (pod: Partial<PodFacts> = {}): PodFacts => ({
  ...{ uid: 'uid-1', namespace: 'shop', name: 'web-1', node: 'node-1' },
  owner: { key: 'shop/Deployment/web', kind: 'ReplicaSet', replicas: 4 },
  ...{ label: 'allowed', namespaceLabel: '', createdMs: nowMs - 5 * hourMs },
  ...{ isRunning: true, isOwn: false, isAgent: false, isNodeReady: true, isAgentReady: true },
  issuers: [issuer],
  ...pod,
})

/** A pod with a stale mount that a restart heals. */
export const aCandidate = ({
  pod,
  ...candidate
}: Partial<Omit<Candidate, 'pod'>> & { pod?: Partial<PodFacts> } = {}): Candidate => ({
  ...{ code: 'mount_stale', svid: pod?.uid ?? 'uid-1', trustDomain: 'example.org' },
  ...{ sinceMs: nowMs - 20 * minuteMs, seenMs: nowMs, foundOn: pod?.node ?? 'node-1', isContradicted: false },
  ...{ startedMs: nowMs - 5 * hourMs, newestIssuedMs: nowMs - 20 * minuteMs, isRenewedTooOften: false },
  ...candidate,
  pod: aPod(pod),
})

/** A pod whose SVID was not renewed, while its issuer renews others. */
export const anUnrenewed = (candidate: Parameters<typeof aCandidate>[0] = {}): Candidate =>
  aCandidate({
    ...{ code: 'renewal_missed', foundOn: undefined },
    ...{ dueMs: nowMs - 30 * minuteMs, newestIssuedMs: nowMs - 70 * minuteMs, startedMs: nowMs - hourMs },
    ...candidate,
  })

export const anIssuer = (facts: Partial<IssuerFacts> = {}): IssuerFacts => ({
  ...{ isDiagnosed: false, isReady: true, lastIssuedMs: nowMs - minuteMs, issued: 10 },
  ...facts,
})

export const aSituation = (candidates: readonly Candidate[], situation: Partial<Situation> = {}): Situation => ({
  ...{ candidates, workloads: 1_000, issuers: new Map([[issuer, anIssuer()]]), untrusted: new Set() },
  ...situation,
})

/** A restart of another pod of another owner that was reserved a minute ago. */
export const aReserved = (id: number, reservation: Partial<Reservation> = {}): Reservation => ({
  ...{ id, pod: `earlier-${id}`, owner: `other/Deployment/app-${id}`, namespace: 'other', node: 'node-9' },
  ...{ issuers: [issuer], cause: 'mount_stale', state: 'reserved', reservedMs: nowMs - minuteMs },
  ...reservation,
})

/** A restart that is under way. */
export const anOpen = (id: number, reservation: Partial<Reservation> = {}): Reservation =>
  aReserved(id, { state: 'acted', actedMs: nowMs - minuteMs, ...reservation })

/** A restart that has healed 20 minutes ago. */
export const aReservation = (id: number, reservation: Partial<Reservation> = {}): Reservation => ({
  ...anOpen(id, { state: 'healed', reservedMs: nowMs - 20 * minuteMs, actedMs: nowMs - 20 * minuteMs }),
  endedMs: nowMs - 18 * minuteMs,
  ...reservation,
})

/** A restart that did not heal. */
export const aFailure = (id: number, reservation: Partial<Reservation> = {}): Reservation =>
  aReservation(id, { state: 'failed', reason: 'not_fresh', ...reservation })

export const aHistory = (...reservations: readonly Reservation[]): History => ({
  next: 1 + Math.max(0, ...reservations.map(({ id }) => id)),
  reservations,
})

/** As many restarts as there should be, each different in what is not given. */
export const many = (count: number, reservation: (id: number) => Partial<Reservation>): History =>
  aHistory(...Array.from({ length: count }, (_, i) => aReservation(i + 1, reservation(i + 1))))

/** A policy with some numbers changed. */
export const aPolicy = (policy: Partial<Policy> = {}): Policy => ({ ...defaultPolicy, ...policy })

export interface Case {
  readonly situation: Situation
  readonly history?: History
  readonly policy?: Policy
}

/** Returns what becomes of each pod: `canary`, `act`, or why it is held back; of a pod with several problems, of the last one. */
export function outcomes(
  { situation, history = emptyHistory, policy = defaultPolicy }: Case,
  by: Decide = decide,
  atMs = nowMs,
): Readonly<Record<string, string>> {
  const decisions = by(situation, policy, history, atMs)
  return Object.fromEntries(
    decisions.map((decision) => [decision.candidate.pod.uid, decision.is === 'held' ? decision.reason : decision.is]),
  )
}
