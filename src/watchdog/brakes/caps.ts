import { fits } from '../history/encoding.ts'
import { reserve } from '../history/transitions.ts'
import { wantedOf } from '../wanted.ts'
import { isInWindows } from '../windows.ts'
import type { Brake, Context } from './brake.ts'

/** How much is enough. */
export const capBrakes: readonly Brake[] = [
  { reason: 'outside_window', holds: (_, { policy, nowMs }) => !isInWindows(policy.windows, nowMs) },
  {
    reason: 'owner_in_flight',
    holds: ({ pod: { owner } }, { tally, policy }) =>
      of(tally.underWayOfOwner, owner?.key) >=
      Math.max(1, Math.ceil(policy.inFlight.ownerShare * (owner?.replicas ?? 0))),
  },
  {
    reason: 'issuer_in_flight',
    holds: ({ pod }, { tally, policy }) =>
      pod.issuers.some((issuer) => of(tally.underWayOfIssuer, issuer) >= policy.inFlight.perIssuer),
  },
  {
    reason: 'issuer_rate',
    holds: ({ pod }, context) => pod.issuers.some((issuer) => isAskedEnough(issuer, context)),
  },
  {
    reason: 'owner_cap',
    holds: ({ pod: { owner } }, { tally, policy: { caps } }) =>
      of(tally.ofOwner, owner?.key) >=
      Math.max(caps.ownerPerHour, Math.floor(caps.ownerSharePerHour * (owner?.replicas ?? 0))),
  },
  {
    reason: 'namespace_cap',
    holds: ({ pod }, { tally, policy }) => of(tally.inNamespace, pod.namespace) >= policy.caps.namespacePerHour,
  },
  { reason: 'node_cap', holds: ({ pod }, { tally, policy }) => of(tally.onNode, pod.node) >= policy.caps.nodePerHour },
  { reason: 'cluster_cap', holds: (_, { tally, policy }) => tally.cluster >= policy.caps.clusterPerHour },
  {
    reason: 'history_full',
    holds: (candidate, { history, nowMs }, cause) => !fits(reserve(history, wantedOf(candidate, cause), nowMs)),
  },
]

function isAskedEnough(issuer: string, { policy, situation, tally }: Context): boolean {
  const { shareOfIssued, floor } = policy.issuer
  const issued = situation.issuers.get(issuer)?.issued ?? 0
  return of(tally.askedOf, issuer) >= Math.max(floor, Math.floor(shareOfIssued * issued))
}

const of = (counts: ReadonlyMap<string, number>, name = ''): number => counts.get(name) ?? 0
