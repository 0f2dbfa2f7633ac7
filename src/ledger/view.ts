import type { BundleView } from './bundles/view.ts'
import type { Follow } from './changes.ts'
import type { RequestObservation } from './issuance/observations.ts'
import type {
  DeliveryName,
  IdentityMismatchView,
  IssuerView,
  RecentRenewalsView,
  RequestCount,
  Total,
  TotalName,
} from './issuance/view.ts'
import type { AgentView, NodeRoleView } from './nodes/view.ts'
import type { WithoutPlaceCount } from './places.ts'
import type { TroubleReason } from './sight/reasons.ts'
import type { SourceStatus } from './sight/view.ts'
import type { BundleCopiesView, BundleObjectView } from './trust/view.ts'
import type { SvidFacts } from './workloads/compared/facts.ts'
import type { MountedObservation } from './workloads/observations.ts'
import type { ProbeOutcome } from './workloads/reasons.ts'
import type {
  DriftView,
  FederatedProbesCount,
  FileBundleView,
  PostureCount,
  ProbesCount,
  RefusedView,
  RequestPlace,
  SvidView,
  UnreadableView,
  WorkloadCount,
  WorkloadView,
} from './workloads/view.ts'

/** The results of a walk through all workloads, besides the copies of their SVIDs. */
export interface Survey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  /** The copies that peers refuse. */
  readonly refused: readonly RefusedView[]
  /** The trust bundles that are configured with files. */
  readonly fileBundles: readonly FileBundleView[]
  readonly agents: readonly AgentView[]
  readonly workloads: readonly WorkloadCount[]
  /** Empty if nothing is probed. */
  readonly probes: readonly ProbesCount[]
}

/** What outputs read. Everything is derived on request, for the present time of the clock. Reading changes nothing. */
export interface LedgerView {
  /** Returns the workloads of all namespaces, or of one. Configured files are in the namespace ''. */
  workloads(namespace?: string): Iterable<WorkloadView>
  /**
   * Walks through all copies once, passes each to `see`, and returns the rest of the results. The generator yields where it may be
   * interrupted, because the walk takes long with many workloads.
   */
  survey(see?: (copy: SvidView) => void): Generator<undefined, Survey>
  /** Yields the SVIDs of all workloads with all that their diagnoses depend on. */
  facts(): Iterable<SvidFacts>
  /** Returns the agents that nodes should have, without the counts of their SVIDs. */
  agents(): Iterable<AgentView>
  issuers(): Iterable<IssuerView>
  requestCounts(): Iterable<RequestCount>
  /** Returns the last identity mismatch of each issuer that had one since this process began. */
  identityMismatches(): Iterable<IdentityMismatchView>
  /** Returns the renewals of the last 15 minutes of each issuer that had one. */
  recentRenewals(): Iterable<RecentRenewalsView>
  sources(): readonly SourceStatus[]
  totals(name: TotalName | DeliveryName): Iterable<Total>
  /** Returns where the SVID of a request belongs; undefined if its pod is not known or has no such volume. */
  placeOf(request: RequestObservation): RequestPlace | undefined
  nodeRoles(): Iterable<NodeRoleView>
  posture(): Iterable<PostureCount>
  /** Returns how many probes of servers came to each outcome since this process began; 0 where none did. */
  probes(): ReadonlyMap<ProbeOutcome, number>
  /**
   * Returns how many probes of configured targets have read an SVID of each trust domain with a bundle endpoint, by whether it verifies,
   * since this process began; 0 where none did.
   */
  federatedProbes(): Iterable<FederatedProbesCount>
  bundles(): Iterable<BundleView>
  /** Returns the copies of trust bundles in the API, by name. */
  bundleCopies(): Iterable<BundleCopiesView>
  /** Returns the objects of trust-manager. */
  bundleObjects(): Iterable<BundleObjectView>
  /** Returns how many things have no place, of each kind that the sources of this process can have. */
  withoutPlace(): Iterable<WithoutPlaceCount>
}

/** The findings of this process about its own node, for those who follow them. */
export interface FindingsView {
  findings(): Iterable<MountedObservation>
  /** Returns why the node's files cannot be seen at present; undefined while they can. 'starting' until the first look has ended. */
  filesTrouble(): { readonly reason: TroubleReason; readonly detail: string } | 'starting' | undefined
  /** Follows `finding`, and `sight` of the source mountedSvids. */
  readonly follow: Follow
}
