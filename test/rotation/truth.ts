import { contentOf, trusts, type Ca } from './authorities.ts'
import type { KnownVolume } from './sight.ts'

/** The SVIDs that one CA has signed, and the volumes whose bundles do not have it. */
export interface Refusals {
  readonly ca: Ca
  readonly pairs: number
  readonly refusing: ReadonlySet<KnownVolume>
}

export type Reason = 'signs_too_early' | 'removed_too_early'

/**
 * Returns who refuses whom, from every pair of an SVID that is valid and a volume, by the CA of the SVID. Of what is out of sight, only
 * the pairs count that were seen: nobody knows whether a bundle has changed before a newer SVID was issued.
 */
export function refusalsOf(volumes: readonly KnownVolume[]): ReadonlyMap<string, Refusals> {
  const found = new Map<string, Refusals & { pairs: number; refusing: Set<KnownVolume> }>()
  for (const one of volumes) {
    const { svid, signer } = one.content
    if (svid.notAfterMs <= one.knownMs) continue
    for (const peer of volumes) {
      if (trusts(peer.content.bundle, signer) || !wereSeenTogether(one, peer)) continue
      const of = found.get(signer.keyId) ?? { ca: signer, pairs: 0, refusing: new Set() }
      of.pairs += 1
      of.refusing.add(peer)
      found.set(signer.keyId, of)
    }
  }
  return found
}

const wereSeenTogether = (one: KnownVolume, other: KnownVolume): boolean =>
  one.content.writtenMs <= other.knownMs && other.content.writtenMs <= one.knownMs

/**
 * Returns what went wrong: a CA has signed before the bundles had it that refuse it; or these bundles had it once, and have it no longer.
 */
export function reasonOf(refusals: ReadonlyMap<string, Refusals>): Reason {
  const hadIt = ({ ca, refusing }: Refusals) => Array.from(refusing).every(({ had }) => had.has(ca.keyId))
  return Array.from(refusals.values()).filter(isBroken).every(hadIt) ? 'removed_too_early' : 'signs_too_early'
}

/** Whether it is the trust domain that has the problem, and not one volume alone. */
export const isBroken = (refusals: Refusals | undefined): refusals is Refusals =>
  refusals !== undefined && refusals.refusing.size >= 2

/** Returns the pods that refuse themselves: whose bundle does not have the CA of the SVID beside it. */
export const selfRefusing = (volumes: readonly KnownVolume[]): readonly KnownVolume[] =>
  volumes.filter(({ content, knownMs }) => content.svid.notAfterMs > knownMs && !trusts(content.bundle, content.signer))

/** Returns the names of those that hold other certificates than most do, in ascending order. */
export function different(held: Iterable<readonly [name: string, bundle: readonly Ca[]]>): readonly string[] {
  const holders = Map.groupBy(held, ([, bundle]) => contentOf(bundle))
  const most = Math.max(0, ...Array.from(holders.values(), ({ length }) => length))
  const current = Array.from(holders).find(([, { length }]) => length === most)?.[0]
  return Array.from(holders)
    .filter(([content]) => content !== current)
    .flatMap(([, names]) => names.map(([name]) => name))
    .toSorted()
}

/** Returns what the driver on each node wrote last into a volume. */
export function ofNodes(volumes: readonly KnownVolume[]): ReadonlyMap<string, readonly Ca[]> {
  const newest = new Map<string, KnownVolume>()
  for (const one of volumes) {
    const known = newest.get(one.node)
    if (known === undefined || one.content.writtenMs > known.content.writtenMs) newest.set(one.node, one)
  }
  return new Map(Array.from(newest, ([node, { content }]) => [node, content.bundle]))
}
