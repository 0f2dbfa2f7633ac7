import type { Clock } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import type { HistoryStep } from '../sight/observations.ts'
import type { IssuedSide } from '../workloads/svid.ts'
import { Attestations } from './attestations.ts'
import type { Checkpoint } from './checkpoint.ts'
import { Conclusions } from './conclusions.ts'
import { Issuers } from './issuers.ts'
import type { RequestObservation, RequestStep } from './observations.ts'
import { unknownReasons } from './reasons.ts'
import { RequestCounts } from './requestCounts.ts'
import { Requests } from './requests.ts'
import { Totals, totalsNamed, type TotalsSnapshot } from './totals.ts'
import type { IdentityMismatchView, IssuerView, RecentRenewalsView, RequestCount, Total, TotalName } from './view.ts'

/** The volumes that requests are for. */
export interface Volumes {
  /** Takes a new or changed request. `before` is the volume that it counted to. Returns the volume that it counts to now. */
  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined
  requestGone(uid: string, before: IssuedSide | undefined): void
}

export interface IssuanceOptions {
  readonly clock: Clock
  readonly maxIssuers: number
  readonly followers: Followers
  readonly volumes: Volumes
}

/** Issuance holds the CertificateRequests, their counts and totals, and the issuers. */
export class Issuance {
  readonly #clock: Clock
  readonly #totals = new Totals()
  readonly #attestations: Attestations
  readonly #counts: RequestCounts
  readonly #issuers: Issuers
  readonly #requests: Requests
  readonly #conclusions: Conclusions
  /** The totals that outputs may show; undefined: all that were counted. */
  #committed: TotalsSnapshot | undefined

  constructor({ clock, maxIssuers, followers, volumes }: IssuanceOptions) {
    this.#clock = clock
    this.#attestations = new Attestations(clock, this.#totals, maxIssuers)
    this.#counts = new RequestCounts(maxIssuers, () => this.#attestations.provenIssuers())
    this.#issuers = new Issuers(maxIssuers, this.#counts.issuers())
    this.#conclusions = new Conclusions(followers)
    this.#requests = new Requests(clock, {
      changed: (request, before) => {
        this.#issuers.issued(request, clock.now())
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
        this.#attestations.count(request, seen)
        this.#conclusions.add({ request, seen })
        if (unknownReasons.has(request.reason)) followers.notify('unknownReason', request)
        if (this.#committed === undefined) this.#conclusions.releaseAll()
      },
    })
  }

  take(step: RequestStep): void {
    if (step.kind === 'request') this.#requests.upsert(step)
    else this.#requests.delete(step.uid, step.resourceVersion)
  }

  history(step: HistoryStep): void {
    switch (step.kind) {
      case 'listing':
        return this.#requests.beginListing()
      case 'listed':
        return this.#requests.endListing(step.resourceVersion)
      case 'progress':
        return this.#requests.progress(step.resourceVersion)
    }
  }

  showNothing(): void {
    this.#committed = new Totals().snapshot()
  }

  showCommittedOnly(checkpoint: Checkpoint | undefined): void {
    if (checkpoint !== undefined) {
      this.#totals.restore(checkpoint.totals)
      this.#attestations.resume()
      this.#requests.resume(checkpoint)
    }
    this.#committed = this.#totals.snapshot()
  }

  showUncommitted(): void {
    this.#committed = undefined
    this.#conclusions.releaseAll()
  }

  checkpoint(): Checkpoint | undefined {
    const position = this.#requests.position()
    if (position === undefined) return undefined
    const checkpoint = { ...position, totals: this.#totals.snapshot() }
    this.#conclusions.mark(checkpoint)
    return checkpoint
  }

  committed(checkpoint: Checkpoint): void {
    this.#committed = checkpoint.totals
    this.#conclusions.releaseUntil(checkpoint)
  }

  forgetOld(): void {
    this.#issuers.forgetOld(this.#clock.now())
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

  totals(name: TotalName): Iterable<Total> {
    return totalsNamed(name, this.#committed ?? this.#totals.all())
  }
}
