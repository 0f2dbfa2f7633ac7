import type { Clock } from '../clock.ts'
import { Attestations } from './attestations.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { FileObservation, Observation, SourceName } from './observations.ts'
import { Issuers } from './issuers.ts'
import { RequestCounts } from './requestCounts.ts'
import { Requests } from './requests.ts'
import { SourceStates } from './sourceStates.ts'
import { Totals, type TotalsSnapshot } from './totals.ts'
import type {
  DriftView,
  IssuerView,
  LedgerView,
  RequestCount,
  SourceStatus,
  SvidLabels,
  SvidView,
  Total,
  TotalName,
  UnreadableView,
} from './view.ts'
import { reread, unreadLabels, viewOf, type FileSide, type SvidCopy } from './workload.ts'
import { Workloads } from './workloads.ts'

export interface LedgerOptions {
  readonly clock: Clock
  /** The sources that will report. */
  readonly sources: readonly SourceName[]
  /** How many issuers are told apart in what is counted by issuer. */
  readonly maxIssuers: number
}

/** The one place that knows what is true now. Sources report to it, outputs read it; it does no IO. */
export class Ledger implements LedgerView {
  readonly #clock: Clock
  readonly #totals = new Totals()
  readonly #attestations: Attestations
  readonly #workloads: Workloads
  readonly #requestCounts: RequestCounts
  readonly #issuers: Issuers
  readonly #requests: Requests
  readonly #states: SourceStates
  readonly #files = new Map<string, FileSide>()
  /** What may be shown of the totals; undefined: all that was counted. */
  #committed: TotalsSnapshot | undefined

  constructor({ clock, sources, maxIssuers }: LedgerOptions) {
    this.#clock = clock
    this.#attestations = new Attestations(this.#totals, maxIssuers)
    this.#workloads = new Workloads(clock)
    this.#requestCounts = new RequestCounts(maxIssuers)
    this.#issuers = new Issuers(maxIssuers)
    this.#states = new SourceStates(clock, sources)
    this.#requests = new Requests(clock, this.#attestations, (before, after) => {
      this.#requestCounts.changed(before, after)
      if (after !== undefined) this.#issuers.issued(after)
      this.#workloads.requestChanged(before, after)
    })
  }

  /** From now on totals are shown only once they are committed, and they go on from the checkpoint where there is one. */
  showCommittedOnly(checkpoint: Checkpoint | undefined): void {
    if (checkpoint !== undefined) {
      this.#totals.restore(checkpoint.totals)
      this.#attestations.resume()
      this.#requests.resume(checkpoint)
    }
    this.#committed = this.#totals.snapshot()
  }

  /** Totals cannot be committed: all that was counted is shown. */
  showUncommitted(): void {
    this.#committed = undefined
  }

  /** What has to be committed for the totals to be shown; undefined while a listing is under way. */
  checkpoint(): Checkpoint | undefined {
    const position = this.#requests.position()
    return position && { ...position, totals: this.#totals.snapshot() }
  }

  /** The checkpoint is safe: its totals may be shown. */
  committed({ totals }: Checkpoint): void {
    this.#committed = totals
  }

  readonly report = (observation: Observation): void => {
    switch (observation.kind) {
      case 'request':
        return this.#requests.upsert(observation)
      case 'requestDeleted':
        return this.#requests.delete(observation.uid, observation.resourceVersion)
      case 'pod':
        return this.#workloads.pod(observation.pod)
      case 'podDeleted':
        return this.#workloads.podDeleted(observation.uid)
      case 'mounted':
        return this.#workloads.mounted(observation.mounted)
      case 'unmounted':
        return this.#workloads.unmounted(observation.podUid, observation.volume)
      case 'file':
        return this.#file(observation.file)
      case 'listing':
      case 'listed':
      case 'progress':
        return this.#history(observation)
      case 'contact':
        return this.#states.contact(observation.source)
      case 'trouble':
        return this.#states.trouble(observation)
      case 'rejected':
        return this.#states.rejected(observation)
    }
  };

  *svids(): Iterable<SvidView> {
    yield* this.#workloads.svids({
      issuedMs: this.#states.lastContactMs('certificateRequests'),
      mountedMs: this.#states.lastContactMs('mountedSvids'),
    })
    const contactMs = this.#states.lastContactMs('files')
    for (const [file, { copy }] of this.#files)
      if (copy) yield viewOf(copy, fileLabels(file, copy), this.#clock.now(), contactMs)
  }

  *unreadable(): Iterable<UnreadableView> {
    yield* this.#workloads.unreadable()
    for (const [file, { copy, problem }] of this.#files)
      if (problem) yield { labels: copy ? fileLabels(file, copy) : { ...unreadLabels, file }, reason: problem }
  }

  drifts(): Iterable<DriftView> {
    return this.#workloads.drifts()
  }

  issuers(): Iterable<IssuerView> {
    return this.#issuers.all(this.#requestCounts.issuers(), this.#clock.now())
  }

  requestCounts(): Iterable<RequestCount> {
    return this.#requestCounts.all()
  }

  sources(): readonly SourceStatus[] {
    return this.#states.all()
  }

  totals(name: TotalName): Iterable<Total> {
    return this.#committed?.[name] ?? this.#totals.all(name)
  }

  #file({ path, reading }: FileObservation): void {
    this.#files.set(path, reread(this.#files.get(path), reading, this.#clock.now()))
  }

  #history(step: Extract<Observation, { kind: 'listing' | 'listed' | 'progress' }>): void {
    if (step.source === 'pods') {
      if (step.kind === 'listing') this.#workloads.beginPodListing()
      if (step.kind === 'listed') this.#workloads.endPodListing()
      return
    }
    if (step.kind === 'listing') this.#requests.beginListing()
    if (step.kind === 'listed') this.#requests.endListing(step.resourceVersion)
    if (step.kind === 'progress') this.#requests.progress(step.resourceVersion)
  }
}

function fileLabels(file: string, copy: SvidCopy): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= { ...unreadLabels, spiffe_id: spiffeId, trust_domain: trustDomain, file })
}
