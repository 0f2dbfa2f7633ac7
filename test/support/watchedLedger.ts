import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../../src/ledger/issuance/checkpoint.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { LedgerOptions } from '../../src/ledger/options.ts'
import { sourceNames, type SourceName } from '../../src/ledger/sight/observations.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import type { TotalName } from '../../src/ledger/issuance/view.ts'
import { ManualClock } from './manualClock.ts'
import { mounted, pod, request } from './observations.ts'
import { svidsOf } from './ledgerReading.ts'

export const minute = 60_000
export const hour = 60 * minute

interface Watched {
  readonly ledger: Ledger
  readonly clock: ManualClock
}

/** Returns a ledger whose sources all have contact and have reported these observations. */
export function watch(...observations: readonly Observation[]): Watched {
  return watchWith({}, ...observations)
}

export function watchWithin(maxIssuers: number, ...observations: readonly Observation[]): Watched {
  return watchWith({ maxIssuers }, ...observations)
}

export function watchWith(options: Partial<LedgerOptions>, ...observations: readonly Observation[]): Watched {
  const clock = new ManualClock()
  const agents = ['csi-driver-spiffe', 'spire-agent']
  const svidAgents = ['csi-driver-spiffe']
  const ledger = new Ledger({ clock, sources: sourceNames, maxIssuers: 10, agents, svidAgents, ...options })
  const { sources = sourceNames } = options
  sources.map(contact).forEach(ledger.report)
  observations.forEach(ledger.report)
  return { ledger, clock }
}

/** Simulates a restart: returns a new ledger that continues from what `ledger` commits. */
export function restart(ledger: Ledger): Watched & { readonly checkpoint: Checkpoint } {
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  const stored = parseCheckpoint(serializeCheckpoint(checkpoint))
  if ('problem' in stored) throw new Error(stored.problem)
  const again = watch()
  again.ledger.showCommittedOnly(stored.checkpoint)
  return { ...again, checkpoint: stored.checkpoint }
}

/** Commits the totals, as the committer does. */
export function commit(ledger: Ledger): Ledger {
  const checkpoint = ledger.checkpoint()
  if (checkpoint) ledger.committed(checkpoint)
  return ledger
}

export const sum = (ledger: Ledger, name: TotalName): number =>
  [...ledger.totals(name)].reduce((all, total) => all + ('value' in total ? total.value : 0), 0)

export const succeeded = (ledger: Ledger): number => sum(ledger, 'attestationSuccess')
export const failed = (ledger: Ledger): number => sum(ledger, 'attestationFailure')

export const counts = (ledger: Ledger): string[] =>
  [...ledger.requestCounts()].map(({ issuer, state, count }) => `${issuer} ${state} ${count}`)

/** Returns the copies that the ledger shows: the copy, its workload, and how long after the epoch it expires. */
export const copies = (ledger: Ledger): string[] =>
  svidsOf(ledger).map(
    ({ labels, svid }) => `${labels.copy} ${labels.pod}/${labels.volume} ${svid.notAfterMs - request().createdMs}`,
  )

export const pending = (uid: string, resourceVersion: string): RequestObservation =>
  request({ uid, resourceVersion, state: 'pending', reason: 'awaiting_approval' })
export const approved = (uid: string, resourceVersion: string): RequestObservation =>
  request({ uid, resourceVersion, state: 'approved', reason: 'awaiting_issuer' })
export const issued = (uid: string, resourceVersion: string): RequestObservation => request({ uid, resourceVersion })
export const denied = (uid: string, resourceVersion: string): RequestObservation =>
  request({ uid, resourceVersion, state: 'denied', reason: 'denied_spiffe_id' })

export const contact = (source: SourceName): Observation => ({ kind: 'contact', source })

export const gone = (uid: string, resourceVersion = '999'): Observation => ({
  kind: 'requestDeleted',
  uid,
  resourceVersion,
})
export const mount = (overrides: Parameters<typeof mounted>[0] = {}): Observation => ({
  kind: 'mounted',
  mounted: mounted(overrides),
})
export const unmount: Observation = { kind: 'unmounted', podUid: 'pod-1', volume: 'spiffe' }
export const podSeen = (overrides: Parameters<typeof pod>[0] = {}): Observation => ({
  kind: 'pod',
  pod: pod(overrides),
})
export const podGone: Observation = { kind: 'podDeleted', uid: 'pod-1' }
