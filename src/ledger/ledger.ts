import { renewalRules } from '../identity/renewal.ts'
import { Bundles } from './bundles/bundles.ts'
import type { RememberedBundle } from './bundles/remembered.ts'
import type { BundleView } from './bundles/view.ts'
import { Followers } from './changes.ts'
import { Cluster } from './cluster.ts'
import type { Checkpoint } from './issuance/checkpoint.ts'
import { Issuance } from './issuance/issuance.ts'
import type { RequestObservation } from './issuance/observations.ts'
import type { DeliveryName, IssuerView, RequestCount, Total, TotalName } from './issuance/view.ts'
import { defaultReloadGraceMs, type LedgerOptions } from './options.ts'
import type { Memory } from './memory.ts'
import type { NodeStep } from './nodes/observations.ts'
import type { AgentView, NodeRoleView } from './nodes/view.ts'
import type { Observation } from './observations.ts'
import type { WithoutPlaceCount } from './places.ts'
import type { HistoryStep } from './sight/observations.ts'
import { Sources } from './sight/sources.ts'
import type { SourceStatus } from './sight/view.ts'
import { bundleCopiesOf } from './trust/bundleCopies.ts'
import { BundleObjects } from './trust/bundleObjects.ts'
import { SharedBundles } from './trust/sharedBundles.ts'
import type { BundleCopiesView, BundleObjectView } from './trust/view.ts'
import type { FindingsView, LedgerView, Survey } from './view.ts'
import type { SvidFacts } from './workloads/compared/facts.ts'
import { Configured } from './workloads/configured/configured.ts'
import type { Finding, MountedObservation } from './workloads/observations.ts'
import { OwnFindings } from './workloads/mounted/ownFindings.ts'
import { Probes } from './workloads/served/probes.ts'
import type { ProbeOutcome } from './workloads/reasons.ts'
import { Slots } from './workloads/slots.ts'
import type { FederatedProbesCount, PostureCount, RequestPlace, SvidView, WorkloadView } from './workloads/view.ts'

/** Ledger is the one place that knows what is true now. Sources report to it; outputs read it or follow its changes. It does no IO. */
export class Ledger implements LedgerView, FindingsView {
  readonly #followers = new Followers()
  readonly #issuance: Issuance
  readonly #sources: Sources
  readonly #cluster: Cluster
  readonly #configured: Configured
  readonly #probes: Probes
  readonly #bundles: Bundles
  readonly #bundleObjects: BundleObjects
  readonly #ownFindings = new OwnFindings(this.#followers)

  readonly follow = this.#followers.follow

  constructor({ clock, sources, maxIssuers, namespaces, ...options }: LedgerOptions) {
    const { agents = [], svidAgents = [], trustBundleNames, renewal, reloadGraceMs = defaultReloadGraceMs } = options
    const followers = this.#followers
    const slots = new Slots()
    const shared = new SharedBundles()
    const names = trustBundleNames && { trustBundles: trustBundleNames }
    this.#sources = new Sources({ clock, sources, followers, namespaces, names })
    this.#bundleObjects = new BundleObjects({ clock, shared, namespaces })
    this.#bundles = new Bundles(clock, followers)
    this.#configured = new Configured({
      ...{ clock, slots, shared, followers },
      ruleOf: (file) => renewal?.files.get(file) ?? renewalRules.other,
    })
    this.#cluster = new Cluster({
      ...{ clock, slots, shared, followers, namespaces, agents, svidAgents, reloadGraceMs },
      watchesNodes: sources.includes('nodes'),
      probesPods: sources.includes('servedSvids'),
      sources: this.#sources,
      ruleOf: (driver) => renewal?.drivers.get(driver) ?? renewalRules.other,
      countMount: (names, seconds) => this.#issuance.mounted(names, seconds),
    })
    this.#probes = new Probes({
      ...{ clock, targets: this.#configured.targets, servers: this.#cluster.servers },
      isFederated: (trustDomain) => this.#bundles.has(trustDomain),
    })
    this.#issuance = new Issuance({ clock, maxIssuers, followers, namespaces, volumes: this.#cluster.volumes })
  }

  /**
   * Shows no totals until it is known from which checkpoint they continue. Totals that begin at zero and then jump to a checkpoint
   * would count everything in it again.
   */
  showNothing(): void {
    this.#issuance.showNothing()
  }

  /** Shows only committed totals from now on. Totals continue from the checkpoint, if there is one. */
  showCommittedOnly(checkpoint: Checkpoint | undefined): void {
    this.#issuance.showCommittedOnly(checkpoint)
  }

  /** Shows all totals from now on, because they cannot be committed. */
  showUncommitted(): void {
    this.#issuance.showUncommitted()
  }

  /** Returns the checkpoint to commit before the totals are shown; undefined during a listing. */
  checkpoint(): Checkpoint | undefined {
    return this.#issuance.checkpoint()
  }

  /** Returns the resourceVersion up to which all CertificateRequests, or those of a namespace watched alone, are counted. */
  countedUntil(namespace?: string): string | undefined {
    return this.#issuance.countedUntil(namespace)
  }

  /** The checkpoint is committed: its totals are shown from now on. */
  committed(checkpoint: Checkpoint): void {
    this.#issuance.committed(checkpoint)
  }

  /** Restores the memory of an earlier process. What sources have reported already is newer, and stays. */
  restore({ installed, agentNodes, bundles, svids }: Memory): void {
    this.#sources.restore(installed)
    this.#cluster.restore({ agentNodes, svids })
    this.#bundles.restore(bundles)
  }

  /** Returns the memory for the next process. The same content has the same JSON. The generator yields where it may be interrupted. */
  *memory(): Generator<undefined, Memory> {
    const cluster = yield* this.#cluster.memory()
    return { installed: this.#sources.memory(), ...cluster, bundles: this.#bundles.memory() }
  }

  /** Returns the newest bundle that this process or an earlier one fetched from the endpoint of a trust domain. */
  rememberedBundle(trustDomain: string): RememberedBundle | undefined {
    return this.#bundles.remembered(trustDomain)
  }

  /** Forgets what is out of date. Must be called now and then. */
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
      case 'bundleObject':
      case 'bundleObjectDeleted':
      case 'bundleCopy':
      case 'bundleCopyDeleted':
        return this.#bundleObjects.take(observation)
      case 'file':
        return this.#configured.files.take(observation.file)
      case 'served':
      case 'unserved':
        return this.#probes.take(observation)
      case 'listing':
      case 'listed':
      case 'progress':
      case 'unread':
        return this.#history(observation)
      case 'contact':
      case 'trouble':
      case 'absent':
      case 'rejected':
      case 'withoutPlace':
        return this.#sources.take(observation)
    }
  };

  *workloads(namespace?: string): Iterable<WorkloadView> {
    yield* this.#cluster.workloads(namespace)
    if (!namespace) yield* this.#configured.workloads(this.#sources.lastContact('files'))
  }

  *survey(see: (copy: SvidView) => void = () => undefined): Generator<undefined, Survey> {
    const seen = yield* this.#cluster.survey(see)
    return this.#configured.surveyedWith(seen, this.#sources.lastContact('files'), see)
  }

  *facts(): Iterable<SvidFacts> {
    yield* this.#cluster.facts()
    yield* this.#configured.facts(this.#sources.knownUntilMs('files'), this.#sources.lastContact('files'))
  }

  readonly agents = (): Iterable<AgentView> => this.#cluster.agents()
  readonly nodeRoles = (): Iterable<NodeRoleView> => this.#cluster.nodeRoles()
  readonly posture = (): Iterable<PostureCount> => this.#cluster.posture()
  readonly issuers = (): Iterable<IssuerView> => this.#issuance.issuers()
  readonly requestCounts = (): Iterable<RequestCount> => this.#issuance.requestCounts()
  readonly bundles = (): Iterable<BundleView> => this.#bundles.all()
  readonly bundleCopies = (): Iterable<BundleCopiesView> => bundleCopiesOf(this.#bundleObjects.copies())
  readonly bundleObjects = (): Iterable<BundleObjectView> => this.#bundleObjects.bundles()
  readonly probes = (): ReadonlyMap<ProbeOutcome, number> => this.#probes.counts

  readonly identityMismatches = (): ReturnType<LedgerView['identityMismatches']> => this.#issuance.identityMismatches()
  readonly recentRenewals = (): ReturnType<LedgerView['recentRenewals']> => this.#issuance.recentRenewals()
  readonly sources = (): readonly SourceStatus[] => this.#sources.all()
  readonly totals = (name: TotalName | DeliveryName): Iterable<Total> => this.#issuance.totals(name)
  readonly placeOf = (request: RequestObservation): RequestPlace | undefined => this.#cluster.volumes.placeOf(request);

  *federatedProbes(): Iterable<FederatedProbesCount> {
    for (const trustDomain of this.#bundles.trustDomains()) yield* this.#probes.federated.of(trustDomain)
  }

  *withoutPlace(): Iterable<WithoutPlaceCount> {
    if (this.#sources.status('certificateRequests')) yield* this.#issuance.withoutPlace()
    const files = this.#sources.status('mountedSvids')
    if (files) yield { kind: 'volume', count: files.withoutPlace }
  }

  readonly findings = (): Iterable<MountedObservation> => this.#ownFindings.all()

  filesTrouble(): ReturnType<FindingsView['filesTrouble']> {
    const status = this.#sources.status('mountedSvids')
    return status?.concluded ? status.trouble : 'starting'
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
    if (this.#bundleObjects.history(step)) return
    if (step.source === 'certificateRequests') this.#issuance.history(step)
    else if (step.kind === 'unread') this.#cluster.keep(step.source, step.uid, step.namespace)
    else if (step.kind !== 'progress') this.#cluster.list(step.kind, step.source, step.namespace)
  }
}
