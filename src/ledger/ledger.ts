import type { Clock } from '../clock.ts'
import { renewalRules, type RenewalRule } from '../identity/renewal.ts'
import { Bundles } from './bundles/bundles.ts'
import type { RememberedBundle } from './bundles/remembered.ts'
import type { BundleView } from './bundles/view.ts'
import { Followers } from './changes.ts'
import { Cluster } from './cluster.ts'
import type { Checkpoint } from './issuance/checkpoint.ts'
import { Issuance } from './issuance/issuance.ts'
import type { IssuerView, RequestCount, Total, TotalName } from './issuance/view.ts'
import type { Memory } from './memory.ts'
import type { NodeStep } from './nodes/observations.ts'
import type { NodeRoleView } from './nodes/view.ts'
import type { Observation } from './observations.ts'
import type { HistoryStep, SourceName } from './sight/observations.ts'
import { Sources } from './sight/sources.ts'
import type { SourceStatus } from './sight/view.ts'
import type { FindingsView, LedgerView, Survey } from './view.ts'
import { Files } from './workloads/files.ts'
import type { Finding, MountedObservation } from './workloads/observations.ts'
import { OwnFindings } from './workloads/ownFindings.ts'
import { Slots } from './workloads/slots.ts'
import type { PostureCount, SvidView, WorkloadView } from './workloads/view.ts'

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
  /** When SVIDs are renewed, by the CSI driver that brings them, and by the path of a configured file; a third before the end unless said. */
  readonly renewal?: {
    readonly drivers: ReadonlyMap<string, RenewalRule>
    readonly files: ReadonlyMap<string, RenewalRule>
  }
}

/** The one place that knows what is true now. Sources report to it; outputs read it, or follow its changes; it does no IO. */
export class Ledger implements LedgerView, FindingsView {
  readonly #followers = new Followers()
  readonly #issuance: Issuance
  readonly #sources: Sources
  readonly #cluster: Cluster
  readonly #files: Files
  readonly #bundles: Bundles
  readonly #ownFindings = new OwnFindings(this.#followers)

  /** Follows the changes of one kind. */
  readonly follow = this.#followers.follow

  constructor({ clock, sources, maxIssuers, agents = [], svidAgents = [], renewal }: LedgerOptions) {
    const followers = this.#followers
    const slots = new Slots()
    this.#sources = new Sources(clock, sources, followers)
    this.#bundles = new Bundles(clock, followers)
    this.#files = new Files({
      ...{ clock, slots, followers },
      ruleOf: (file) => renewal?.files.get(file) ?? renewalRules.other,
    })
    this.#cluster = new Cluster({
      ...{ clock, slots, followers, agents, svidAgents },
      lastContactMs: (source) => this.#sources.lastContactMs(source),
      ruleOf: (driver) => renewal?.drivers.get(driver) ?? renewalRules.other,
      refuse: (refusal) => this.#sources.refuse(refusal),
    })
    this.#issuance = new Issuance({ clock, maxIssuers, followers, volumes: this.#cluster })
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

  /** What a restart must not forget. The same content has the same JSON. It yields wherever it may be interrupted. */
  *memory(): Generator<undefined, Memory> {
    return { ...(yield* this.#cluster.memory()), bundles: this.#bundles.memory() }
  }

  /** The newest bundle of the https_spiffe endpoint of a trust domain, of this process or an earlier one. */
  rememberedBundle(trustDomain: string): RememberedBundle | undefined {
    return this.#bundles.remembered(trustDomain)
  }

  /** Forgets what is out of date; to be called now and then. */
  forgetOld(): void {
    this.#cluster.forgetOld()
    this.#issuance.forgetOld()
  }

  readonly report = (observation: Observation): void => {
    switch (observation.kind) {
      case 'request':
      case 'requestDeleted':
        return this.#issuance.take(observation)
      case 'pod':
      case 'podDeleted':
      case 'namespace':
      case 'namespaceDeleted':
      case 'node':
      case 'nodeDeleted':
      case 'csiNode':
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
        return this.#nodeRole(observation)
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
      case 'rejected':
        return this.#sources.take(observation)
    }
  };

  *workloads(namespace?: string): Iterable<WorkloadView> {
    yield* this.#cluster.workloads(namespace)
    if (!namespace) yield* this.#files.workloads(this.#sources.lastContactMs('files'))
  }

  *survey(see: (copy: SvidView) => void = () => undefined): Generator<undefined, Survey> {
    const seen = yield* this.#cluster.survey(see)
    for (const file of this.#files.workloads(this.#sources.lastContactMs('files'))) file.copies().forEach(see)
    return {
      ...seen,
      unreadable: [...seen.unreadable, ...this.#files.unreadable()],
      workloads: [...seen.workloads, ...this.#files.covered()],
    }
  }

  issuers(): Iterable<IssuerView> {
    return this.#issuance.issuers()
  }

  requestCounts(): Iterable<RequestCount> {
    return this.#issuance.requestCounts()
  }

  sources(): readonly SourceStatus[] {
    return this.#sources.all()
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
    const state = this.#sources.of('mountedSvids')
    return state?.concluded ? state.trouble : 'starting'
  }

  #found(finding: Finding): void {
    this.#cluster.found(finding)
    if (finding.node === undefined) this.#ownFindings.take(finding)
  }

  #nodeRole(step: NodeStep): void {
    if (step.kind === 'nodeTrouble') this.#sources.count('nodeFindings', step.reason)
    if (step.kind === 'nodeEndpointGone') this.#sources.count('nodeFindings', 'no_endpoint')
    this.#cluster.follow(step)
  }

  #history(step: HistoryStep): void {
    if (step.source === 'certificateRequests') this.#issuance.history(step)
    else if (step.kind !== 'progress') this.#cluster.list(step.kind, step.source)
  }
}
