import type { Instant } from '../../clock.ts'
import type { Authority } from '../../identity/authority.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'
import { compareCopies } from './compareCopies.ts'
import type { DomainTally } from './domainTally.ts'
import { holdersOf, namespaceGroups, nodeGroups, volumeGroups } from './holderGroups.ts'
import { refusedAuthority } from './refusedAuthority.ts'
import type { Sightings } from './sightings.ts'
import type { AuthorityView, BundleCopiesView, TrustDomainView } from './view.ts'

/** A node that was seen longer ago than this is not compared with others: it may have what they have. */
const blindMs = 3 * 60_000

/** What a view of a trust domain is made from besides its tally. */
export interface DomainContext {
  readonly trustDomain: string
  /** The copies of the bundles that belong to it. */
  readonly copies: readonly BundleCopiesView[]
  /** The key ids that the newest SVIDs of issuers name. */
  readonly signing: ReadonlySet<string>
  readonly sightings: Sightings
  readonly now: Instant
}

export function domainView(tally: DomainTally, context: DomainContext): TrustDomainView {
  const { trustDomain, copies, sightings, now } = context
  // Whoever may write a ConfigMap may put any certificate into it. What most copies have is bounded, and not the choice of one.
  const certificates = certificatesOf([...tally.bundles.keys(), ...copies.flatMap(({ bundle }) => bundle ?? [])])
  const nodes = bundlesOfNodes(tally)
  const groups = {
    volume: volumeGroups(tally.bundles),
    node: nodeGroups(new Map(Array.from(nodes, ([node, { bundle }]) => [node, bundle]))),
    namespace: namespaceGroups(copies),
  }
  const since = sightings.authoritiesSince(trustDomain, tally.signed.keys(), now)
  const signing = context.signing.size > 0 ? context.signing : newestOf(tally)
  const view = (keyId: string): AuthorityView => {
    const svids = tally.signed.get(keyId)
    const certificate = certificates.get(keyId)
    const seen = {
      authority: since.get(keyId) ?? now.monotonicMs,
      bundle: (bundle: TrustBundle) => sightings.bundleSince(bundle, now),
    }
    return {
      keyId,
      notBeforeMs: certificate?.notBeforeMs,
      notAfterMs: certificate?.notAfterMs,
      svids: svids?.count ?? 0,
      oldestSvidMs: svids?.oldestMs,
      newestSvidMs: svids?.newestMs,
      lastSvidEndsMs: svids?.lastEndMs,
      signs: signing.has(keyId),
      holders: {
        volume: holdersOf(groups.volume, keyId),
        node: holdersOf(groups.node, keyId),
        namespace: holdersOf(groups.namespace, keyId),
      },
      refused: svids && refusedAuthority(keyId, svids, tally, seen, now),
    }
  }
  for (const bundle of tally.bundles.keys()) sightings.bundleSince(bundle, now)
  const keyIds = new Set([...tally.signed.keys(), ...context.signing, ...certificates.keys()])
  return {
    trustDomain,
    authorities: Array.from(keyIds, view).sort(mostUsedFirst),
    nodes: compareCopies(seenNodes(nodes, context)),
  }
}

/** Returns the certificate of each authority that ends last, by key id. */
function certificatesOf(bundles: Iterable<TrustBundle>): ReadonlyMap<string, Authority> {
  const certificates = new Map<string, Authority>()
  for (const { authorities } of bundles)
    for (const authority of authorities) {
      const known = certificates.get(authority.keyId)
      if (known === undefined || known.notAfterMs < authority.notAfterMs) certificates.set(authority.keyId, authority)
    }
  return certificates
}

interface LastOfNode {
  readonly bundle: TrustBundle
  readonly newestSvidMs: number
  readonly knownMs: number
}

/** Returns the bundle that each node got last: the one beside its newest SVID. Configured files are on no node. */
function bundlesOfNodes({ bundles }: DomainTally): ReadonlyMap<string, LastOfNode> {
  const last = new Map<string, LastOfNode>()
  for (const [bundle, { nodes }] of bundles)
    for (const [node, { newestSvidMs, knownMs }] of nodes) {
      const known = last.get(node)
      if (node !== '' && (known === undefined || known.newestSvidMs < newestSvidMs))
        last.set(node, { bundle, newestSvidMs, knownMs })
    }
  return last
}

function* seenNodes(nodes: ReadonlyMap<string, LastOfNode>, { trustDomain, sightings, now }: DomainContext) {
  const bundles = new Map(Array.from(nodes, ([node, { bundle }]) => [node, bundle]))
  for (const [name, { bundle, sinceMs }] of sightings.nodesSince(trustDomain, bundles, now))
    if (now.wallMs - (nodes.get(name)?.knownMs ?? -Infinity) < blindMs) yield { name, bundle, changedMs: sinceMs }
}

/** Returns the authority of the newest SVID. */
function newestOf({ signed }: DomainTally): ReadonlySet<string> {
  let newest: { readonly keyId: string; readonly newestMs: number } | undefined
  for (const [keyId, { newestMs }] of signed)
    if (newest === undefined || newestMs > newest.newestMs) newest = { keyId, newestMs }
  return new Set(newest && [newest.keyId])
}

function mostUsedFirst(one: AuthorityView, other: AuthorityView): number {
  return (
    rank(other) - rank(one) ||
    other.holders.volume.trusting - one.holders.volume.trusting ||
    other.holders.namespace.trusting - one.holders.namespace.trusting ||
    (other.notBeforeMs ?? 0) - (one.notBeforeMs ?? 0) ||
    (one.keyId < other.keyId ? -1 : 1)
  )
}

const rank = ({ signs, svids }: AuthorityView): number => (signs ? 2 : 0) + (svids > 0 ? 1 : 0)
