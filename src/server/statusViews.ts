import type { BundleView } from '../ledger/bundles/view.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import type { SightView, SourceStatus } from '../ledger/sight/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** Returns the status of the node role of one node. */
export function nodeRoleStatus({ node, findings, refused, ...sight }: NodeRoleView) {
  return { node, ...sightOf(sight), findings, refused }
}

/** Returns the status of one bundle endpoint and its last bundle. */
export function bundleStatus({ endpoint, bundle, ...sight }: BundleView) {
  return {
    trustDomain: endpoint.trustDomain,
    url: endpoint.url,
    profile: endpoint.profile,
    ...(bundle?.sequence !== undefined && { sequence: String(bundle.sequence) }),
    ...sightOf(sight),
  }
}

/** Returns the status of one source. */
export function sourceStatus({ source, troubles, rejections, lastRejected, ...sight }: SourceStatus) {
  return {
    source,
    ...sightOf(sight),
    troubles: withoutZeros(troubles),
    rejections: withoutZeros(rejections),
    lastRejected,
  }
}

/** Returns the fields that a source, a node role and a bundle endpoint share: whether each can be seen. */
function sightOf({ concluded, up, lastContactMs, trouble, absent }: SightView<string>) {
  return {
    concluded,
    up,
    ...(lastContactMs !== undefined && { lastContact: rfc3339(lastContactMs) }),
    ...(trouble && { trouble: { reason: trouble.reason, detail: trouble.detail, since: rfc3339(trouble.sinceMs) } }),
    ...(absent && { absent: { detail: absent.detail, since: rfc3339(absent.sinceMs) } }),
  }
}

function withoutZeros(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0))
}
