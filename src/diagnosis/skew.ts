import type { BundleOfTrustDomains, CopiesView, TrustDomainView } from '../ledger/trust/view.ts'
import type { Judged } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** Which copies of a trust bundle differ. Codes are contracts: they are label values. */
export const skewReasons = {
  namespaces: 'ConfigMaps of one name differ between namespaces',
  nodes: 'the volumes of a node have another bundle than those of most nodes',
  federation: 'the ConfigMap of a trust domain lacks an authority that its bundle endpoint serves',
} as const

export type SkewReason = keyof typeof skewReasons

/** The number of copies that are named. */
const namedFirst = 3

const warning = {
  code: 'bundle_skew',
  severity: 'warning',
  remedy: 'bundle',
  explainedBy: '',
  muted: false,
} as const

/** Judges the copies of one trust bundle in the namespaces, as they were seen last at `seenMs`: when none has changed for a while. */
export function judgeNamespaces(view: BundleOfTrustDomains, seenMs: number, judged: Judged): void {
  const { name, trustDomains, different, unreadable, changedMs } = view
  const count = different.count + unreadable.count
  const [trustDomain, ...others] = trustDomains
  if (!isSkewed(view, thresholds.trust.namespacesMs, seenMs)) return
  judged({
    ...warning,
    key: `namespaces ${name}`,
    subject: { ...(trustDomain !== undefined && others.length === 0 && { trust_domain: trustDomain }), bundle: name },
    reason: 'namespaces',
    sinceMs: changedMs,
    evidence: {
      copies: view.current + count,
      different: different.count,
      ...(unreadable.count > 0 && { unreadable: unreadable.count }),
      first: namesOf(view),
    },
  })
}

/** Judges the trust bundles of the nodes, of one trust domain. */
export function judgeNodes({ trustDomain, nodes }: TrustDomainView, nowMs: number, judged: Judged): void {
  if (!isSkewed(nodes, thresholds.trust.distributionMs, nowMs)) return
  const { current, different, changedMs } = nodes
  judged({
    ...warning,
    key: `nodes ${trustDomain}`,
    subject: { trust_domain: trustDomain },
    reason: 'nodes',
    sinceMs: changedMs,
    evidence: { nodes: current + different.count, different: different.count, first: namesOf(nodes) },
  })
}

/** While certificates only come or go, a new authority may be on its way everywhere, or an old one may be on its way out. */
function isSkewed(view: CopiesView, usualMs: number, nowMs: number): boolean {
  const { bundle, different, unreadable, changedMs, areNested } = view
  if (bundle === undefined || different.count + unreadable.count === 0) return false
  return nowMs - changedMs >= (areNested && unreadable.count === 0 ? thresholds.trust.growingMs : usualMs)
}

const namesOf = ({ different, unreadable }: CopiesView): string =>
  [...different.first, ...unreadable.first].slice(0, namedFirst).join(', ')
