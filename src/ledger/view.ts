import type { BundleView } from './bundles/view.ts'
import type { IssuerView, RequestCount, Total, TotalName } from './issuance/view.ts'
import type { AgentView, NodeRoleView } from './nodes/view.ts'
import type { TroubleReason } from './sight/reasons.ts'
import type { SourceStatus } from './sight/view.ts'
import type { Finding, MountedObservation } from './workloads/observations.ts'
import type { DriftView, PostureCount, SvidView, UnreadableView, WorkloadCount } from './workloads/view.ts'

/** What a walk through all workloads shows besides the copies of their SVIDs. */
export interface Survey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  readonly agents: readonly AgentView[]
  readonly workloads: readonly WorkloadCount[]
}

/** What the outputs read. Everything is derived when asked, as of the clock's now. */
export interface LedgerView {
  /** All copies, or those in one namespace. */
  svids(namespace?: string): Iterable<SvidView>
  /** Walks through all copies once, each of which is handed to `see`, and tells what else there is to see of them. */
  survey(see?: (copy: SvidView) => void): Survey
  issuers(): Iterable<IssuerView>
  requestCounts(): Iterable<RequestCount>
  sources(): readonly SourceStatus[]
  totals(name: TotalName): Iterable<Total>
  nodeRoles(): Iterable<NodeRoleView>
  posture(): Iterable<PostureCount>
  bundles(): Iterable<BundleView>
}

/** What this process's own eyes find on its node, for those who follow it. */
export interface FindingsView {
  findings(): Iterable<MountedObservation>
  /** Why the node's files cannot be seen at present; undefined while they can. 'starting' until the first look has concluded. */
  blindness(): { readonly reason: TroubleReason; readonly detail: string } | 'starting' | undefined
  /** Calls `listener` after each change of what the two others say, with the finding that changed; undefined: sight did. Returns what ends it. */
  follow(listener: (changed: Finding | undefined) => void): () => void
}
