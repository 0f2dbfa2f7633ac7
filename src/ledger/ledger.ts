import type { Clock } from '../clock.ts'
import { Bundles } from './bundles/bundles.ts'
import type { Checkpoint } from './issuance/checkpoint.ts'
import { Cluster } from './cluster.ts'
import { Files } from './workloads/files.ts'
import { Issuance } from './issuance/issuance.ts'
import type { Memory, RememberedBundle } from './memory.ts'
import type { Finding, MountedObservation } from './workloads/observations.ts'
import type { NodeStep } from './nodes/observations.ts'
import type { Observation } from './observations.ts'
import type { SourceName } from './sight/observations.ts'
import { OwnFindings } from './workloads/ownFindings.ts'
import { SourceStates, type Rejected } from './sight/sourceStates.ts'
import type { BundleView } from './bundles/view.ts'
import type { FindingsView, LedgerView, Survey } from './view.ts'
import type { IssuerView, RequestCount, Total, TotalName } from './issuance/view.ts'
import type { NodeRoleView } from './nodes/view.ts'
import type { PostureCount, SvidView } from './workloads/view.ts'
import type { SourceStatus } from './sight/view.ts'
import { wrongNode } from './workloads/wrongNode.ts'

export interface LedgerOptions {
  readonly clock: Clock
  /** The sources that will report. */
  readonly sources: readonly SourceName[]
  /** How many issuers are told apart in what is counted by issuer. */
  readonly maxIssuers: number
  /** The agents that are configured, by name: others are not remembered. */
  readonly agents?: readonly string[]
  /** Those of them whose volumes hold SVIDs. */
  readonly svidAgents?: readonly string[]
  /** Is told of what the ledger itself refuses, besides counting it. */
  readonly onRefused?: (rejected: Rejected) => void
}

/** The one place that knows what is true now. Sources report to it, outputs read it; it does no IO. */
export class Ledger implements LedgerView, FindingsView {
  readonly #issuance: Issuance
  readonly #states: SourceStates
  readonly #cluster: Cluster
  readonly #files: Files
  readonly #bundles: Bundles
  readonly #ownFindings = new OwnFindings()

  constructor({ clock, sources, maxIssuers, agents = [], svidAgents = [], onRefused }: LedgerOptions) {
    this.#states = new SourceStates(clock, sources)
    this.#files = new Files(clock)
    this.#bundles = new Bundles(clock)
    this.#cluster = new Cluster({
      clock,
      lastContactMs: (source) => this.#states.lastContactMs(source),
      agents,
      svidAgents,
      wrongNode: (...finding) => {
        const rejected = wrongNode(...finding)
        this.#states.rejected(rejected)
        onRefused?.(rejected)
      },
    })
    this.#issuance = new Issuance(clock, maxIssuers, this.#cluster)
  }

  /** No total is shown before it is known what it goes on from: one that begins at zero, and goes on later, counts all of it again. */
  showNothing(): void {
    this.#issuance.showNothing()
  }

  /** From now on totals are shown only once they are committed, and they go on from the checkpoint where there is one. */
  showCommittedOnly(checkpoint: Checkpoint | undefined): void {
    this.#issuance.showCommittedOnly(checkpoint)
  }

  /** Totals cannot be committed: all that was counted is shown. */
  showUncommitted(): void {
    this.#issuance.showUncommitted()
  }

  /** What has to be committed for the totals to be shown; undefined while a listing is under way. */
  checkpoint(): Checkpoint | undefined {
    return this.#issuance.checkpoint()
  }

  /** The checkpoint is safe: its totals may be shown. */
  committed(checkpoint: Checkpoint): void {
    this.#issuance.committed(checkpoint)
  }

  /** Goes on from what was remembered, also when sources have reported already: what they said is newer. */
  restore({ agentNodes, bundles, svids }: Memory): void {
    this.#cluster.restore({ agentNodes, svids })
    this.#bundles.restore(bundles)
  }

  /** What a restart must not forget. The same content has the same JSON. */
  memory(): Memory {
    return { ...this.#cluster.memory(), bundles: this.#bundles.memory() }
  }

  /** The newest bundle of the https_spiffe endpoint of a trust domain, of this process or an earlier one. */
  rememberedBundle(trustDomain: string): RememberedBundle | undefined {
    return this.#bundles.remembered(trustDomain)
  }

  readonly report = (observation: Observation): void => {
    switch (observation.kind) {
      case 'request':
      case 'requestDeleted':
        return this.#issuance.take(observation)
      case 'pod':
      case 'podDeleted':
      case 'namespace':
      case 'node':
      case 'csiNode':
      case 'namespaceDeleted':
      case 'nodeDeleted':
      case 'csiNodeDeleted':
        return this.#cluster.take(observation)
      case 'mounted':
      case 'unmounted':
        return this.#found(observation)
      case 'findingsListing':
      case 'findingsListed':
      case 'nodeContact':
      case 'nodeTrouble':
      case 'nodeEndpointGone':
        return this.#follow(observation)
      case 'bundleEndpoint':
      case 'bundle':
      case 'bundleTrouble':
        return this.#bundles.take(observation)
      case 'file':
        return this.#files.take(observation.file)
      case 'listing':
      case 'listed':
      case 'progress':
        return this.#history(observation)
      case 'contact':
      case 'trouble':
        return this.#sight(observation)
      case 'rejected':
        return this.#states.rejected(observation)
    }
  };

  *svids(namespace?: string): Iterable<SvidView> {
    yield* this.#cluster.svids(namespace)
    // Files are in none.
    if (!namespace) yield* this.#files.svids(this.#states.lastContactMs('files'))
  }

  survey(see: (copy: SvidView) => void = () => undefined): Survey {
    const survey = this.#cluster.survey(see)
    for (const copy of this.#files.svids(this.#states.lastContactMs('files'))) see(copy)
    return { ...survey, unreadable: [...survey.unreadable, ...this.#files.unreadable()] }
  }

  issuers(): Iterable<IssuerView> {
    return this.#issuance.issuers()
  }

  requestCounts(): Iterable<RequestCount> {
    return this.#issuance.requestCounts()
  }

  sources(): readonly SourceStatus[] {
    return this.#states.all()
  }

  totals(name: TotalName): Iterable<Total> {
    return this.#issuance.totals(name)
  }

  nodeRoles(): Iterable<NodeRoleView> {
    return this.#cluster.nodeRoles()
  }

  posture(): Iterable<PostureCount> {
    return this.#cluster.posture()
  }

  bundles(): Iterable<BundleView> {
    return this.#bundles.all()
  }

  findings(): Iterable<MountedObservation> {
    return this.#ownFindings.all()
  }

  blindness(): ReturnType<FindingsView['blindness']> {
    const state = this.#states.of('mountedSvids')
    return state?.concluded ? state.trouble : 'starting'
  }

  follow(listener: (changed: Finding | undefined) => void): () => void {
    return this.#ownFindings.follow(listener)
  }

  #found(finding: Finding): void {
    this.#cluster.found(finding)
    if (finding.node === undefined) this.#ownFindings.take(finding)
  }

  #follow(step: NodeStep): void {
    if (step.kind === 'nodeTrouble') this.#states.count('nodeFindings', step.reason)
    if (step.kind === 'nodeEndpointGone') this.#states.count('nodeFindings', 'no_endpoint')
    this.#cluster.follow(step)
  }

  #history(step: Extract<Observation, { kind: 'listing' | 'listed' | 'progress' }>): void {
    if (step.source === 'certificateRequests') this.#issuance.take(step)
    else if (step.kind !== 'progress') this.#cluster.list(step.kind, step.source)
  }

  #sight(step: Extract<Observation, { kind: 'contact' | 'trouble' }>): void {
    if (step.kind === 'contact') this.#states.contact(step.source)
    else this.#states.trouble(step)
    if (step.source === 'mountedSvids') this.#ownFindings.tell(undefined)
  }
}
