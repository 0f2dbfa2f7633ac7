import { scopesOf } from '../causes.ts'
import { happenedMs, isOpen, mayHaveHappened, type History, type Reservation } from '../history/history.ts'
import type { Policy } from '../policy.ts'
import { proofOf, type Proof } from './proof.ts'

/** The restarts of a history, counted once for all candidates. What is not in a map is 0, or none. */
export interface Tally {
  /** Within an hour, with those that may have happened. */
  readonly cluster: number
  readonly ofOwner: ReadonlyMap<string, number>
  readonly inNamespace: ReadonlyMap<string, number>
  readonly onNode: ReadonlyMap<string, number>
  /** Within the span of `policy.issuer`. */
  readonly askedOf: ReadonlyMap<string, number>
  /** Those under way. */
  readonly underWayOfOwner: ReadonlyMap<string, number>
  readonly underWayOfIssuer: ReadonlyMap<string, number>
  readonly byPod: ReadonlyMap<string, readonly Reservation[]>
  readonly byOwner: ReadonlyMap<string, readonly Reservation[]>
  /** What is proven for each scope of `scopesOf`. */
  readonly proofs: ReadonlyMap<string, Proof>
}

const hourMs = 60 * 60_000

export function tallyOf({ reservations }: History, policy: Policy, nowMs: number): Tally {
  // Those under way always count, and the clocks by which two leaders count may differ.
  const within = (ms: number): readonly Reservation[] =>
    reservations.filter(
      (one) => mayHaveHappened(one) && (isOpen(one) || nowMs - happenedMs(one) < ms + policy.clockSkewMs),
    )
  const lately = within(hourMs)
  const open = reservations.filter(isOpen)
  return {
    cluster: lately.length,
    ofOwner: countBy(lately, ({ owner }) => [owner]),
    inNamespace: countBy(lately, ({ namespace }) => [namespace]),
    onNode: countBy(lately, ({ node }) => [node]),
    askedOf: countBy(within(policy.issuer.spanMs), ({ issuers }) => issuers),
    underWayOfOwner: countBy(open, ({ owner }) => [owner]),
    underWayOfIssuer: countBy(open, ({ issuers }) => issuers),
    byPod: Map.groupBy(reservations, ({ pod }) => pod),
    byOwner: Map.groupBy(reservations, ({ owner }) => owner),
    proofs: new Map(
      Array.from(groupBy(reservations, scopesOf), ([scope, those]) => [scope, proofOf(those, policy, nowMs)]),
    ),
  }
}

/** Like `Map.groupBy`, for items that are in several groups. */
function groupBy<Item>(items: readonly Item[], groupsOf: (item: Item) => readonly string[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    for (const group of groupsOf(item)) {
      const those = groups.get(group)
      if (those) those.push(item)
      else groups.set(group, [item])
    }
  }
  return groups
}

const countBy = (
  reservations: readonly Reservation[],
  groupsOf: (one: Reservation) => readonly string[],
): ReadonlyMap<string, number> =>
  new Map(Array.from(groupBy(reservations, groupsOf), ([group, those]) => [group, those.length]))
