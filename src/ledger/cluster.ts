import { instantOf, type Clock } from '../clock.ts'
import type { RenewalRule } from '../identity/renewal.ts'
import type { Followers } from './changes.ts'
import type { Volumes } from './issuance/issuance.ts'
import type { Memory } from './memory.ts'
import { AgentPods } from './nodes/agentPods.ts'
import { Agents } from './nodes/agents.ts'
import { NodeRoles } from './nodes/nodeRoles.ts'
import type { CsiNodeObservation, NodeObjectStep, NodeObservation, NodeStep } from './nodes/observations.ts'
import type { AgentView, NodeRoleView } from './nodes/view.ts'
import { knowledgeOf, momentOf } from './moment.ts'
import { NamedObjects, type Listed } from './objects.ts'
import { byNamespace } from './sight/byNamespace.ts'
import type { Part, SourceName } from './sight/observations.ts'
import type { Sources } from './sight/sources.ts'
import type { SharedBundles } from './trust/sharedBundles.ts'
import type { Survey } from './view.ts'
import type { Moment } from './workloads/compared/compare.ts'
import type { MountsOptions } from './workloads/mounted/mounts.ts'
import { Coverage } from './workloads/survey/coverage.ts'
import { factsOf, type SvidFacts } from './workloads/compared/facts.ts'
import { Findings } from './workloads/mounted/findings.ts'
import type { Finding, NamespaceObservation, PodObservation, WorkloadStep } from './workloads/observations.ts'
import { isOver, Pods } from './workloads/pods.ts'
import { probesCounts } from './workloads/served/probeStates.ts'
import type { PodServers } from './workloads/served/podServers.ts'
import type { Slots } from './workloads/slots.ts'
import { surveyWorkloads, WorkloadAtMoment } from './workloads/survey/survey.ts'
import type { PostureCount, SvidView, WorkloadView } from './workloads/view.ts'
import { Workloads } from './workloads/workloads.ts'

export interface ClusterOptions {
  readonly clock: Clock
  readonly slots: Slots
  readonly shared: SharedBundles
  readonly followers: Followers
  readonly watchesNodes: boolean
  /** Servers in pods are probed. */
  readonly probesPods: boolean
  /** The namespaces that sources watch one by one; undefined if they watch the whole cluster. */
  readonly namespaces?: readonly Part[] | undefined
  /** What is known of the sources. It also counts findings that are refused. */
  readonly sources: Pick<Sources, 'lastContact' | 'knownUntilMs' | 'isUp' | 'refuse'>
  /** The names of the configured agents. */
  readonly agents: readonly string[]
  /** The configured agents whose volumes hold SVIDs. */
  readonly svidAgents: readonly string[]
  /** Returns the renewal rule for the SVIDs of a CSI driver; '' is no known driver. */
  readonly ruleOf: (driver: string) => RenewalRule
  readonly countMount: MountsOptions['countMount']
  readonly reloadGraceMs: Moment['reloadGraceMs']
}

/** Cluster holds the pods and nodes of the cluster, with their SVIDs and findings. */
export class Cluster {
  readonly #options: ClusterOptions
  readonly #pods: Pods
  readonly #namespaces = new NamedObjects<NamespaceObservation>()
  readonly #nodes = new NamedObjects<NodeObservation>()
  readonly #csiNodes = new NamedObjects<CsiNodeObservation>()
  /** The objects of each source that lists objects. */
  readonly #objects: Partial<Record<SourceName, Listed>>
  readonly #findings: Findings
  readonly #workloads: Workloads
  readonly #nodeRoles: NodeRoles
  readonly #agentPods: AgentPods
  readonly #agents: Agents
  readonly #coverage = new Coverage(this.#namespaces)

  constructor(options: ClusterOptions) {
    this.#options = options
    const { clock, slots, shared, followers, namespaces, sources, svidAgents } = options
    this.#pods = new Pods((before, after) => this.#podChanged(before, after), namespaces)
    this.#objects = {
      pods: this.#pods,
      namespaces: this.#namespaces,
      nodes: this.#nodes,
      csiNodes: this.#csiNodes,
    }
    this.#findings = new Findings({
      ...{ clock, slots, shared },
      pods: this.#pods,
      refuse: (refusal) => sources.refuse(refusal),
      changed: (pod, volume) => this.#workloads.mountedChanged(pod, volume),
    })
    const findings = this.#findings
    const hasSeen = (node: string) => this.#nodeRoles.hasSeen(node) || findings.hasOwnOn(node)
    this.#workloads = new Workloads({ ...options, pods: this.#pods, findings, hasSeen })
    this.#nodeRoles = new NodeRoles(clock, (node) => this.#isGone(node), findings, followers)
    this.#agentPods = new AgentPods(clock, this.#nodes)
    this.#agents = new Agents({
      nodes: this.#nodes,
      csiNodes: this.#csiNodes,
      agentPods: this.#agentPods,
      svidAgents,
      hasSeen,
      knowsIssued: () => sources.lastContact('certificateRequests') !== undefined,
    })
  }

  take(change: WorkloadStep | NodeObjectStep): void {
    switch (change.kind) {
      case 'pod':
        return this.#pods.upsert(change.pod)
      case 'podDeleted':
        return this.#pods.delete(change.uid)
      case 'namespace':
        return this.#namespaces.upsert(change.namespace)
      case 'namespaceDeleted':
        return this.#namespaces.delete(change.uid)
      case 'node':
        return this.#nodes.upsert(change.node)
      case 'nodeDeleted':
        this.#nodes.delete(change.uid)
        return this.#nodeRoles.forgetGone()
      case 'csiNode':
        return this.#csiNodes.upsert(change.csiNode)
      case 'csiNodeDeleted':
        return this.#csiNodes.delete(change.uid)
    }
  }

  keep(source: SourceName, uid: string, namespace: Part | undefined): void {
    this.#objects[source]?.keep(uid, namespace)
  }

  list(step: 'listing' | 'listed', source: SourceName, namespace: Part | undefined): void {
    if (step === 'listing') return this.#objects[source]?.beginListing(namespace)
    this.#objects[source]?.endListing(namespace)
    if (source === 'nodes') this.#nodeRoles.forgetGone()
    if (source !== 'pods') return
    this.#workloads.podsListed()
    if (this.#pods.listed) this.#agentPods.podsListed()
  }

  /** What the servers in the pods present. */
  get servers(): PodServers {
    return this.#workloads.servers
  }

  /** The volumes of the pods. */
  get volumes(): Volumes {
    return this.#workloads
  }

  found(finding: Finding): void {
    this.#findings.take(finding)
  }

  follow(step: NodeStep): void {
    this.#nodeRoles.take(step)
  }

  restore({ agentNodes, svids }: Pick<Memory, 'agentNodes' | 'svids'>): void {
    const configured = new Set(this.#options.agents)
    this.#agentPods.restore(agentNodes.filter(({ agent }) => configured.has(agent)))
    this.#findings.recalled.add(svids, instantOf(this.#options.clock))
    this.#workloads.restore(svids)
  }

  *memory(): Generator<undefined, Pick<Memory, 'agentNodes' | 'svids'>> {
    return { svids: yield* this.#workloads.memory(), agentNodes: this.#agentPods.memory() }
  }

  forgetOld(): void {
    this.#nodeRoles.forgetGone()
    this.#agentPods.forgetOld()
    this.#workloads.forgetOld()
  }

  /** Returns the workloads of all namespaces, or of one. */
  *workloads(namespace: string | undefined): Iterable<WorkloadView> {
    const moment = this.#moment()
    for (const workload of this.#workloads.all()) {
      if (workload.pod && isOver(workload.pod, moment.now.wallMs)) continue
      const view = new WorkloadAtMoment(workload, moment)
      if (namespace === undefined || view.namespace === namespace) yield view
    }
  }

  /**
   * Walks through all workloads. Returns the agents that nodes should have, and how many workloads of each namespace are in each
   * state. Both are empty if the walk began before pods were listed, because until then nothing is missing. So are the counts of a
   * namespace whose pods were not.
   */
  *survey(see: (copy: SvidView) => void): Generator<undefined, Survey> {
    const { listed } = this.#pods
    const wasListed = byNamespace(this.#options.namespaces, (namespace = '') => this.#pods.hasListed(namespace))
    const { probesPods } = this.#options
    const { tally, ...seen } = yield* surveyWorkloads(this.#workloads.all(), this.#moment(), see, probesPods)
    const agents = listed ? [...this.#agents.all(tally.agentSvids)] : []
    const workloads = [...this.#coverage.workloads(tally.states)]
    const isListed = ({ namespace }: { readonly namespace: string }) => wasListed(namespace) === true
    const probes = [...probesCounts(tally.probes)].filter(isListed)
    return { ...seen, fileBundles: [], agents, workloads: workloads.filter(isListed), probes }
  }

  /** Yields the SVIDs of all workloads with all that their diagnoses depend on. */
  facts(): Iterable<SvidFacts> {
    const nodeKnownMs = (node: string) => this.#nodeRoles.knownUntilMs(node)
    const isMutedNamespace = (name: string) => this.#namespaces.named(name)?.muted === true
    const known = { ...knowledgeOf(this.#options, nodeKnownMs), isMutedNamespace }
    return factsOf(this.#workloads.all(), this.#moment(), known)
  }

  /** Returns the agents that nodes should have, without their SVIDs; none before pods were listed. */
  agents(): Iterable<AgentView> {
    return this.#pods.listed ? this.#agents.all(new Map()) : []
  }

  /** Returns the node roles. Without sight of nodes, only those of nodes on which a pod that is watched runs. */
  *nodeRoles(): Iterable<NodeRoleView> {
    for (const view of this.#nodeRoles.all()) if (!this.#isElsewhere(view.node)) yield view
  }

  posture(): Iterable<PostureCount> {
    return this.#coverage.posture()
  }

  #moment(): Moment {
    return momentOf(this.#options, (node) => this.#nodeRoles.lastContact(node))
  }

  /** Reports whether a node does not exist. Where nodes are not watched, it is taken to exist while a pod that is watched runs there. */
  #isGone(node: string): boolean {
    return this.#nodes.lacks(node) || (!this.#options.watchesNodes && this.#isWithoutPods(node))
  }

  /** Reports whether only some namespaces are watched, and none of their pods runs on the node. */
  #isElsewhere(node: string): boolean {
    return this.#options.namespaces !== undefined && this.#isWithoutPods(node)
  }

  #isWithoutPods(node: string): boolean {
    return this.#pods.listed && !this.#agentPods.hasRunning(node)
  }

  #podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    this.#agentPods.podChanged(before, after)
    this.#coverage.podChanged(before, after)
    if (after) {
      if (after.node !== '' && !before?.node) this.#findings.placed(after)
      this.#workloads.podChanged(before, after)
    } else if (before) {
      this.#workloads.podDeleted(before.uid)
      this.#findings.podDeleted(before, (node) => !this.#nodeRoles.isUp(node))
    }
  }
}
