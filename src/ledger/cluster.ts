import type { Clock } from '../clock.ts'
import { AgentNodes } from './nodes/agentNodes.ts'
import { Agents } from './nodes/agents.ts'
import { coverage, posture } from './workloads/coverage.ts'
import { Findings, ownEyes, type WrongNode } from './workloads/findings.ts'
import type { Memory } from './memory.ts'
import { NodeRoles } from './nodes/nodeRoles.ts'
import { NamedObjects } from './workloads/objects.ts'
import type { CsiNodeObservation, NodeObservation, NodeStep } from './nodes/observations.ts'
import type { Finding, NamespaceObservation, PodObservation } from './workloads/observations.ts'
import type { NodeObjectStep } from './nodes/observations.ts'
import type { WorkloadStep } from './workloads/observations.ts'
import type { RequestObservation } from './issuance/observations.ts'
import type { SourceName } from './sight/observations.ts'
import { Pods } from './workloads/pods.ts'
import type { NodeRoleView } from './nodes/view.ts'
import type { PostureCount, SvidView } from './workloads/view.ts'
import type { Survey } from './view.ts'
import type { IssuedSide } from './workloads/workload.ts'
import { Workloads } from './workloads/workloads.ts'
import { WorkloadViews } from './workloads/workloadViews.ts'

/** What sources report of the API's objects, other than requests. */
export type ObjectChange = WorkloadStep | NodeObjectStep

export interface ClusterOptions {
  readonly clock: Clock
  /** When the source saw its system last, ms since the Unix epoch; undefined: never. */
  readonly lastContactMs: (source: SourceName) => number | undefined
  /** The agents that are configured, by name, and those of them whose volumes hold SVIDs. */
  readonly agents: readonly string[]
  readonly svidAgents: readonly string[]
  readonly wrongNode: WrongNode
}

/** The pods and nodes of the cluster, with what was issued for them and what their nodes' files say. */
export class Cluster {
  readonly #configured: ReadonlySet<string>
  readonly #pods = new Pods((before, after) => this.#podChanged(before, after))
  readonly #namespaces = new NamedObjects<NamespaceObservation>()
  readonly #nodes = new NamedObjects<NodeObservation>()
  readonly #csiNodes = new NamedObjects<CsiNodeObservation>()
  readonly #objects = {
    pods: this.#pods,
    namespaces: this.#namespaces,
    nodes: this.#nodes,
    csiNodes: this.#csiNodes,
  }
  readonly #findings: Findings
  readonly #workloads: Workloads
  readonly #views: WorkloadViews
  readonly #nodeRoles: NodeRoles
  readonly #agentNodes: AgentNodes
  readonly #agents: Agents

  constructor({ clock, lastContactMs, agents, svidAgents, wrongNode }: ClusterOptions) {
    this.#configured = new Set(agents)
    this.#findings = new Findings(clock, this.#pods, wrongNode, (pod, volume) =>
      this.#workloads.mountedChanged(pod, volume),
    )
    this.#workloads = new Workloads(clock, this.#pods, this.#findings)
    this.#views = new WorkloadViews(clock, () => this.#workloads.shown(), {
      issuedMs: () => lastContactMs('certificateRequests'),
      mountedMs: (node) => (node === ownEyes ? lastContactMs('mountedSvids') : this.#nodeRoles.lastContactMs(node)),
    })
    this.#nodeRoles = new NodeRoles(clock, this.#nodes, this.#findings)
    this.#agentNodes = new AgentNodes(clock, this.#nodes)
    this.#agents = new Agents({
      pods: this.#pods,
      nodes: this.#nodes,
      csiNodes: this.#csiNodes,
      agentNodes: this.#agentNodes,
      svidAgents,
      seenNodes: () => new Set([...this.#nodeRoles.seen(), ...this.#findings.ownNodes()]),
      knowsIssued: () => lastContactMs('certificateRequests') !== undefined,
    })
  }

  take(change: ObjectChange): void {
    switch (change.kind) {
      case 'pod':
        return this.#pods.upsert(change.pod)
      case 'podDeleted':
        return this.#pods.delete(change.uid)
      case 'namespace':
        return this.#namespaces.upsert(change.namespace)
      case 'node':
        return this.#nodes.upsert(change.node)
      case 'csiNode':
        return this.#csiNodes.upsert(change.csiNode)
      case 'namespaceDeleted':
        return this.#namespaces.delete(change.uid)
      case 'nodeDeleted':
        this.#nodes.delete(change.uid)
        return this.#nodeRoles.forgetGone()
      case 'csiNodeDeleted':
        return this.#csiNodes.delete(change.uid)
    }
  }

  /** A list of the source's objects begins or ends. */
  list(step: 'listing' | 'listed', source: SourceName): void {
    const lists: Partial<Record<SourceName, Pick<Pods, 'beginListing' | 'endListing'>>> = this.#objects
    if (step === 'listing') return lists[source]?.beginListing()
    lists[source]?.endListing()
    if (source === 'nodes') this.#nodeRoles.forgetGone()
    if (source !== 'pods') return
    this.#workloads.podsListed()
    this.#agentNodes.podsListed()
  }

  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined {
    return this.#workloads.requestChanged(request, before)
  }

  requestGone(uid: string, before: IssuedSide | undefined): void {
    this.#workloads.requestGone(uid, before)
  }

  found(finding: Finding): void {
    this.#findings.take(finding)
  }

  follow(step: NodeStep): void {
    this.#nodeRoles.take(step)
  }

  restore({ agentNodes, svids }: Omit<Memory, 'bundles'>): void {
    this.#agentNodes.restore(agentNodes.filter(({ agent }) => this.#configured.has(agent)))
    this.#workloads.restore(svids)
  }

  memory(): Omit<Memory, 'bundles'> {
    return { agentNodes: this.#agentNodes.memory(), svids: this.#workloads.memory() }
  }

  svids(namespace: string | undefined): Iterable<SvidView> {
    return this.#views.svids(namespace)
  }

  survey(see: (copy: SvidView) => void): Survey {
    const { unreadable, drifts, standings } = this.#views.survey(see)
    return {
      unreadable,
      drifts,
      agents: [...this.#agents.all(standings)],
      workloads: [...coverage(this.#pods, this.#namespaces, standings)],
    }
  }

  nodeRoles(): Iterable<NodeRoleView> {
    return this.#nodeRoles.all()
  }

  posture(): Iterable<PostureCount> {
    return posture(this.#pods)
  }

  #podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    this.#agentNodes.podChanged(before, after)
    if (after) {
      if (after.node !== '' && !before?.node) this.#findings.placed(after)
      this.#workloads.podChanged(before, after)
    } else if (before) {
      this.#workloads.podDeleted(before.uid)
      this.#findings.podDeleted(before, (node) => !this.#nodeRoles.isUp(node))
    }
  }
}
