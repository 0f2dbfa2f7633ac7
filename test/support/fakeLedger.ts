import { bundleProblems, type BundleProblem } from '../../src/ledger/bundles/reasons.ts'
import {
  rejectionReasons,
  troubleReasons,
  type RejectionReason,
  type TroubleReason,
} from '../../src/ledger/sight/reasons.ts'
import type { SvidFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { AgentView, NodeRoleView } from '../../src/ledger/nodes/view.ts'
import type { BundleView } from '../../src/ledger/bundles/view.ts'
import type {
  DriftView,
  FederatedProbesCount,
  FileBundleView,
  PostureCount,
  ProbesCount,
  RefusedView,
  RequestPlace,
  SvidLabels,
  SvidView,
  UnreadableView,
  WorkloadCount,
  WorkloadView,
} from '../../src/ledger/workloads/view.ts'
import type {
  DeliveryName,
  IdentityMismatchView,
  IssuerView,
  RecentRenewalsView,
  RequestCount,
  Total,
  TotalName,
} from '../../src/ledger/issuance/view.ts'
import type { ProbeOutcome } from '../../src/ledger/workloads/reasons.ts'
import type { BundleCopiesView, BundleObjectView } from '../../src/ledger/trust/view.ts'
import type { WithoutPlaceCount } from '../../src/ledger/places.ts'
import type { LedgerView } from '../../src/ledger/view.ts'
import type { SourceStatus } from '../../src/ledger/sight/view.ts'

/** The contents of a fake ledger, as plain data. */
export interface LedgerData {
  readonly svids?: readonly SvidView[]
  readonly drifts?: readonly DriftView[]
  readonly refused?: readonly RefusedView[]
  readonly fileBundles?: readonly FileBundleView[]
  readonly probes?: readonly ProbesCount[]
  readonly probeCounts?: ReadonlyMap<ProbeOutcome, number>
  readonly federatedProbes?: readonly FederatedProbesCount[]
  readonly unreadable?: readonly UnreadableView[]
  readonly facts?: readonly SvidFacts[]
  readonly issuers?: readonly IssuerView[]
  readonly requestCounts?: readonly RequestCount[]
  readonly identityMismatches?: readonly IdentityMismatchView[]
  readonly recentRenewals?: readonly RecentRenewalsView[]
  readonly sources?: readonly SourceStatus[]
  readonly totals?: Readonly<Partial<Record<TotalName | DeliveryName, readonly Total[]>>>
  /** Where the SVIDs of requests belong, by the uid of the request. */
  readonly places?: ReadonlyMap<string, RequestPlace>
  readonly nodeRoles?: readonly NodeRoleView[]
  readonly agents?: readonly AgentView[]
  readonly workloads?: readonly WorkloadCount[]
  readonly posture?: readonly PostureCount[]
  readonly bundles?: readonly BundleView[]
  readonly bundleCopies?: readonly BundleCopiesView[]
  readonly bundleObjects?: readonly BundleObjectView[]
  readonly withoutPlace?: readonly WithoutPlaceCount[]
}

/** Returns a ledger with `data`. Whatever is not given is empty. */
export function fakeLedger(data: LedgerData = {}): LedgerView {
  return {
    workloads: (namespace) => workloadsOf(data.svids ?? [], namespace, data.unreadable),
    *survey(see) {
      for (const [slot, copy] of (data.svids ?? []).entries()) {
        see?.({ ...copy, slot })
        yield
      }
      const { unreadable = [], drifts = [], refused = [], fileBundles = [] } = data
      const { agents = [], workloads = [], probes = [] } = data
      return { unreadable, drifts, refused, fileBundles, agents, workloads, probes }
    },
    facts: () => data.facts ?? [],
    agents: () => data.agents ?? [],
    issuers: () => data.issuers ?? [],
    requestCounts: () => data.requestCounts ?? [],
    identityMismatches: () => data.identityMismatches ?? [],
    recentRenewals: () => data.recentRenewals ?? [],
    sources: () => data.sources ?? [],
    totals: (name) => data.totals?.[name] ?? [],
    placeOf: ({ uid }) => data.places?.get(uid),
    nodeRoles: () => data.nodeRoles ?? [],
    posture: () => data.posture ?? [],
    probes: () => data.probeCounts ?? new Map(),
    federatedProbes: () => data.federatedProbes ?? [],
    bundles: () => data.bundles ?? [],
    bundleCopies: () => data.bundleCopies ?? [],
    bundleObjects: () => data.bundleObjects ?? [],
    withoutPlace: () => data.withoutPlace ?? [],
  }
}

/** Returns the workloads of these copies, and of the files without a SPIFFE ID among `unreadable`. */
export function workloadsOf(
  svids: readonly SvidView[],
  namespace?: string,
  unreadable: readonly UnreadableView[] = [],
): readonly WorkloadView[] {
  const views = [...svids, ...unreadable.filter(({ labels }) => labels.spiffe_id === '')]
  const byPlace = Map.groupBy(views, ({ labels }) => JSON.stringify([labels.namespace, labels.pod]))
  return [...byPlace.values()].flatMap((listed) => {
    const labels = listed[0]?.labels
    if (labels === undefined || (namespace !== undefined && labels.namespace !== namespace)) return []
    const copies = listed.filter((view) => 'svid' in view)
    const unread = listed.filter((view) => 'reason' in view)
    return [
      { namespace: labels.namespace, pod: labels.pod, size: listed.length, copies: () => copies, unread: () => unread },
    ]
  })
}

/** When the SVIDs of `svidView` become valid: 2026-11-22T12:00:00Z. They are valid for an hour. */
export const issuedAtMs = Date.UTC(2026, 10, 22, 12)

const hourMs = 3_600_000

/** Returns a healthy mounted SVID of the pod `team-a/web-0`. */
export function svidView(
  labels: Partial<SvidLabels> = {},
  view: Partial<Omit<SvidView, 'labels' | 'svid'>> & { readonly notAfterMs?: number } = {},
): SvidView {
  const { notAfterMs = issuedAtMs + hourMs, ...rest } = view
  const all: SvidLabels = {
    spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
    trust_domain: 'example.org',
    namespace: 'team-a',
    pod: 'web-0',
    volume: 'tls',
    node: 'node-1',
    issuer: 'ClusterIssuer/spiffe-ca',
    file: '',
    copy: 'mounted',
    ...labels,
  }
  return {
    slot: 0,
    labels: all,
    svid: {
      spiffeId: all.spiffe_id,
      trustDomain: all.trust_domain,
      notBeforeMs: issuedAtMs,
      notAfterMs,
      fingerprint: 'ab'.repeat(32),
    },
    renewalDueMs: issuedAtMs + (hourMs * 2) / 3,
    lastObservedMs: issuedAtMs + 60_000,
    state: 'valid',
    inUse: true,
    ...rest,
  }
}

/** Returns an issuer whose CA expires an hour after the SVIDs of `svidView` become valid. `view` replaces fields. */
export function issuerView(view: Partial<IssuerView> = {}): IssuerView {
  return {
    trust_domain: 'example.org',
    issuer: 'ClusterIssuer/spiffe-ca',
    lastIssuedMs: issuedAtMs,
    chain: { notBeforeMs: issuedAtMs - hourMs, notAfterMs: issuedAtMs + hourMs },
    ...view,
  }
}

/** Returns a source with contact that never had trouble. `status` replaces fields; tests may change others. */
export function sourceStatus(status: Partial<SourceStatus> = {}): {
  -readonly [Field in keyof SourceStatus]: SourceStatus[Field]
} {
  return {
    source: 'mountedSvids',
    concluded: true,
    up: true,
    lastContactMs: issuedAtMs,
    troubles: new Map(Object.keys(troubleReasons).map((reason) => [reason as TroubleReason, 0])),
    rejections: new Map(Object.keys(rejectionReasons).map((reason) => [reason as RejectionReason, 0])),
    lastRejected: [],
    withoutPlace: 0,
    ...status,
  }
}

/** Returns the endpoint of partner.example before its first fetch. `view` replaces fields. */
export function bundleView(view: Partial<BundleView> = {}): BundleView {
  return {
    endpoint: { trustDomain: 'partner.example', url: 'https://partner.example/bundle', profile: 'https_web' },
    concluded: false,
    up: false,
    fetches: 0,
    failures: new Map(Object.keys(bundleProblems).map((reason) => [reason as BundleProblem, 0])),
    ...view,
  }
}

/** Returns the node role of node-1, with contact and two findings. `view` replaces fields. */
export function nodeRoleView(view: Partial<NodeRoleView> = {}): NodeRoleView {
  return { node: 'node-1', concluded: true, up: true, lastContactMs: issuedAtMs, findings: 2, refused: 0, ...view }
}
