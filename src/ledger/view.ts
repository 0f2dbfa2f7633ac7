import type { BundleView } from './bundles/view.ts'
import type { Follow } from './changes.ts'
import type { IssuerView, RequestCount, Total, TotalName } from './issuance/view.ts'
import type { AgentView, NodeRoleView } from './nodes/view.ts'
import type { TroubleReason } from './sight/reasons.ts'
import type { SourceStatus } from './sight/view.ts'
import type { MountedObservation } from './workloads/observations.ts'
import type {
  DriftView,
  PostureCount,
  SvidView,
  TooOftenView,
  UnreadableView,
  WorkloadCount,
  WorkloadView,
} from './workloads/view.ts'

/** What a walk through all workloads shows besides the copies of their SVIDs. */
export interface Survey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  readonly tooOften: readonly TooOftenView[]
  readonly agents: readonly AgentView[]
  readonly workloads: readonly WorkloadCount[]
}

/** What outputs read. Everything is derived when it is asked for, as of the clock's now, and reading changes nothing. */
export interface LedgerView {
  /** The workloads of all namespaces, or of one; files are in the namespace ''. */
  workloads(namespace?: string): Iterable<WorkloadView>
  /**
   * Walks through all copies once, each of which is handed to `see`, and returns what else there is to see of them. The walk is
   * interrupted wherever it yields: it takes long where there are many.
   */
  survey(see?: (copy: SvidView) => void): Generator<undefined, Survey>
  issuers(): Iterable<IssuerView>
  requestCounts(): Iterable<RequestCount>
  sources(): readonly SourceStatus[]
  totals(name: TotalName): Iterable<Total>
  nodeRoles(): Iterable<NodeRoleView>
  posture(): Iterable<PostureCount>
  bundles(): Iterable<BundleView>
}

/** What this process itself finds on its node, for those who follow it. */
export interface FindingsView {
  findings(): Iterable<MountedObservation>
  /** Why the node's files cannot be seen at present; undefined while they can. 'starting' until the first look has concluded. */
  blindness(): { readonly reason: TroubleReason; readonly detail: string } | 'starting' | undefined
  /** Follows `finding`, and `sight` of the source mountedSvids. */
  readonly follow: Follow
}
