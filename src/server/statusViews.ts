import type { BundleView } from '../ledger/bundles/view.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import type { SightView, SourceStatus } from '../ledger/sight/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** The node role of one node, as it is followed. */
export function nodeOf({ node, findings, refused, ...sight }: NodeRoleView) {
  return { node, ...sightOf(sight), findings, refused }
}

/** One bundle endpoint and what it gave. */
export function bundleOf({ endpoint, bundle, ...sight }: BundleView) {
  return {
    trustDomain: endpoint.trustDomain,
    url: endpoint.url,
    profile: endpoint.profile,
    ...(bundle?.sequence !== undefined && { sequence: String(bundle.sequence) }),
    ...sightOf(sight),
  }
}

/** One source and how it goes. */
export function sourceOf({ source, troubles, rejections, lastRejected, ...sight }: SourceStatus) {
  return {
    source,
    ...sightOf(sight),
    troubles: occurred(troubles),
    rejections: occurred(rejections),
    lastRejected,
  }
}

/** How well something can be seen: a source, a node role and a bundle endpoint alike. */
function sightOf({ concluded, up, lastContactMs, trouble }: SightView<string>) {
  return {
    concluded,
    up,
    ...(lastContactMs !== undefined && { lastContact: rfc3339(lastContactMs) }),
    ...(trouble && { trouble: { reason: trouble.reason, detail: trouble.detail, since: rfc3339(trouble.sinceMs) } }),
  }
}

/** The counts of what has occurred at all. */
function occurred(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0))
}
