import type { Clock } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import type { WithoutPlaceCount } from '../places.ts'
import { wholeCluster, type HistoryStep, type Part } from '../sight/observations.ts'
import type { IssuedSide } from '../workloads/svid.ts'
import type { RequestPlace } from '../workloads/view.ts'
import { Attestations } from './attestations.ts'
import type { Checkpoint } from './checkpoint.ts'
import { Conclusions } from './conclusions.ts'
import { isDelivery } from './deliveries.ts'
import { Issuers } from './issuers.ts'
import { ProvenIssuers } from './provenIssuers.ts'
import type { RequestObservation, RequestStep } from './observations.ts'
import { RequestCounts } from './requestCounts.ts'
import { Requests, type RequestListener } from './requests.ts'
import { Totals, totalsNamed, type TotalsSnapshot } from './totals.ts'
import type {
  CountedAs,
  DeliveryName,
  IdentityMismatchView,
  IssuerView,
  RecentRenewalsView,
  RequestCount,
  RequestedFor,
  Total,
  TotalName,
} from './view.ts'
import { Watches } from './watches.ts'

/** The volumes that requests are for. */
export interface Volumes {
  /** Takes a new or changed request. `before` is the volume that it counted to. Returns the volume that it counts to now. */
  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined
  requestGone(uid: string, before: IssuedSide | undefined): void
  /** Returns what is known of the workload of a request, right after the request has changed. */
  workloadOf(request: RequestObservation): RequestedFor
  /** Returns where the SVID of a request belongs; undefined if its pod is not known or has no such volume. */
  placeOf(request: RequestObservation): RequestPlace | undefined
}

export interface IssuanceOptions {
  readonly clock: Clock
  readonly maxIssuers: number
  readonly followers: Followers
  readonly volumes: Volumes
  /** The namespaces that are watched one by one; undefined: the whole cluster is watched at once. */
  readonly namespaces?: readonly Part[] | undefined
}

/** Issuance holds the CertificateRequests, their counts and totals, and the issuers. */
export class Issuance {
  readonly #clock: Clock
  readonly #totals = new Totals()
  readonly #proven: ProvenIssuers
  readonly #attestations: Attestations
  readonly #counts: RequestCounts
  readonly #issuers: Issuers
  readonly #watches: Watches
  readonly #conclusions: Conclusions
  /** The totals that outputs may show; undefined: all that were counted. */
  #committed: TotalsSnapshot | undefined

  constructor(options: IssuanceOptions) {
    const { clock, maxIssuers, followers, namespaces = [wholeCluster] } = options
    this.#clock = clock
    this.#counts = new RequestCounts(maxIssuers, () => this.#proven.names())
    const named = this.#counts.issuers()
    this.#issuers = new Issuers(maxIssuers, named)
    const isListed = () => this.#watches.hasListed
    this.#proven = new ProvenIssuers({ clock, totals: this.#totals, limit: maxIssuers, named, isListed })
    this.#attestations = new Attestations(clock, this.#totals, this.#proven)
    this.#conclusions = new Conclusions(followers)
    const listener = this.#listener(options)
    this.#watches = new Watches(namespaces, (maxRecent) => new Requests(clock, listener, maxRecent))
  }

  take(step: RequestStep): void {
    const requests = this.#watches.of(step.namespace)
    if (step.kind === 'request') requests.upsert(step)
    else requests.delete(step.uid, step.resourceVersion)
  }

  history(step: HistoryStep): void {
    const requests = this.#watches.of(step.namespace)
    switch (step.kind) {
      case 'listing':
        return requests.beginListing()
      case 'listed':
        return requests.endListing(step.resourceVersion)
      case 'progress':
        return requests.progress(step.resourceVersion)
      case 'unread':
        return requests.keep(step.uid)
    }
  }

  showNothing(): void {
    this.#committed = new Totals().snapshot()
  }

  showCommittedOnly(checkpoint: Checkpoint | undefined): void {
    if (checkpoint !== undefined) {
      this.#totals.restore(checkpoint.totals)
      this.#proven.resume()
      this.#watches.resume(checkpoint.positions)
    }
    this.#committed = this.#totals.snapshot()
  }

  showUncommitted(): void {
    this.#committed = undefined
    this.#conclusions.releaseAll()
  }

  checkpoint(): Checkpoint | undefined {
    const positions = this.#watches.positions()
    if (positions === undefined) return undefined
    const checkpoint = { totals: this.#totals.snapshot(), positions }
    this.#conclusions.mark(checkpoint)
    return checkpoint
  }

  countedUntil(namespace: string | undefined): string | undefined {
    const position = this.#watches.of(namespace).position()
    return typeof position === 'object' ? position.resourceVersion : undefined
  }

  committed(checkpoint: Checkpoint): void {
    this.#committed = checkpoint.totals
    this.#conclusions.releaseUntil(checkpoint)
  }

  forgetOld(): void {
    this.#issuers.forgetOld(this.#clock.now())
    this.#proven.forgetOld()
  }

  issuers(): Iterable<IssuerView> {
    return this.#issuers.all()
  }

  requestCounts(): Iterable<RequestCount> {
    return this.#counts.all()
  }

  identityMismatches(): Iterable<IdentityMismatchView> {
    return this.#attestations.lately.identityMismatches()
  }

  recentRenewals(): Iterable<RecentRenewalsView> {
    return this.#attestations.lately.recentRenewals()
  }

  withoutPlace(): readonly WithoutPlaceCount[] {
    return [
      { kind: 'issuer', count: this.#issuers.withoutPlace },
      { kind: 'issuer_totals', count: this.#proven.withoutPlace },
      { kind: 'request_issuer', count: this.#counts.withoutPlace() },
    ]
  }

  totals(name: TotalName | DeliveryName): Iterable<Total> {
    if (isDelivery(name)) return this.#attestations.deliveries.all(name)
    return totalsNamed(name, this.#committed ?? this.#totals.all())
  }

  /** An SVID took this long to be mounted after it was issued. Returns the names under which that is counted. */
  mounted(names: Pick<RequestObservation, 'trustDomain' | 'issuer'>, seconds: number): CountedAs {
    return this.#attestations.mounted(names, seconds)
  }

  #listener({ volumes, followers }: IssuanceOptions): RequestListener {
    return {
      changed: (request, before) => {
        this.#issuers.issued(request, this.#clock.now())
        const volume = volumes.requestChanged(request, before?.volume)
        const requested = volume?.requested
        const askedMs = requested?.uid === request.uid ? requested.askedMs : request.createdMs
        return { group: this.#counts.changed(request, before?.group, askedMs), volume }
      },
      gone: (uid, { group, volume }) => {
        this.#counts.gone(uid, group)
        volumes.requestGone(uid, volume)
      },
      admitted: (request) => this.#attestations.register(request),
      concluded: (request, seen) => {
        const workload = volumes.workloadOf(request)
        this.#conclusions.add({ request, seen, ...workload, ...this.#attestations.count(request, seen, workload) })
        if (this.#committed === undefined) this.#conclusions.releaseAll()
      },
      endedBefore: (request) => followers.notify('endedBefore', request),
    }
  }
}
