import type { BundleView } from '../ledger/bundles/view.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import type { SourceStatus, TroubleView } from '../ledger/sight/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** The node role of one node, as it is followed. */
export function nodeOf({ node, up, lastContactMs, trouble, findings, refused }: NodeRoleView) {
  return { node, up, ...contactOf(lastContactMs), ...troubleOf(trouble), findings, refused }
}

/** One bundle endpoint and what it gave. */
export function bundleOf({ endpoint, bundle, refreshedMs, trouble }: BundleView) {
  return {
    trustDomain: endpoint.trustDomain,
    url: endpoint.url,
    profile: endpoint.profile,
    ...(refreshedMs !== undefined && { refreshed: rfc3339(refreshedMs) }),
    ...(bundle?.sequence !== undefined && { sequence: String(bundle.sequence) }),
    ...troubleOf(trouble),
  }
}

/** One source and how it goes. */
export function sourceOf({ source, concluded, up, lastContactMs, trouble, ...counted }: SourceStatus) {
  return {
    source,
    concluded,
    up,
    ...contactOf(lastContactMs),
    ...troubleOf(trouble),
    troubles: occurred(counted.troubles),
    rejections: occurred(counted.rejections),
    lastRejected: counted.lastRejected,
  }
}

function contactOf(lastContactMs: number | undefined) {
  return lastContactMs === undefined ? {} : { lastContact: rfc3339(lastContactMs) }
}

function troubleOf(trouble: TroubleView<string> | undefined) {
  return trouble && { trouble: { reason: trouble.reason, detail: trouble.detail, since: rfc3339(trouble.sinceMs) } }
}

/** The counts of what has occurred at all. */
function occurred(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0))
}
