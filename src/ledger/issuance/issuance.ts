import type { Clock } from '../../clock.ts'
import { Attestations } from './attestations.ts'
import type { Checkpoint } from './checkpoint.ts'
import { Issuers } from './issuers.ts'
import type { Observation } from '../observations.ts'
import type { RequestObservation } from './observations.ts'
import { RequestCounts } from './requestCounts.ts'
import { Requests } from './requests.ts'
import { Totals, type TotalsSnapshot } from './totals.ts'
import type { IssuerView, RequestCount, Total, TotalName } from './view.ts'
import type { IssuedSide } from '../workloads/workload.ts'

/** What sources say of requests. */
export type RequestStep = Extract<
  Observation,
  { kind: 'request' | 'requestDeleted' | 'listing' | 'listed' | 'progress' }
>

/** The volumes that requests are for. */
export interface Volumes {
  /** A request is new or has changed; `before` is the volume that it counted to. Answers which one it counts to from now on. */
  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined
  requestGone(uid: string, before: IssuedSide | undefined): void
}

/** The CertificateRequests, with what is counted of them and who issues them. */
export class Issuance {
  readonly #clock: Clock
  readonly #totals = new Totals()
  readonly #attestations: Attestations
  readonly #counts: RequestCounts
  readonly #issuers: Issuers
  readonly #requests: Requests
  /** What may be shown of the totals; undefined: all that was counted. */
  #committed: TotalsSnapshot | undefined

  constructor(clock: Clock, maxIssuers: number, volumes: Volumes) {
    this.#clock = clock
    this.#attestations = new Attestations(this.#totals, maxIssuers)
    this.#counts = new RequestCounts(maxIssuers)
    this.#issuers = new Issuers(maxIssuers)
    this.#requests = new Requests(clock, this.#attestations, {
      changed: (request, before) => {
        this.#issuers.issued(request)
        return {
          group: this.#counts.changed(request, before?.group),
          volume: volumes.requestChanged(request, before?.volume),
        }
      },
      gone: (uid, { group, volume }) => {
        this.#counts.gone(uid, group)
        volumes.requestGone(uid, volume)
      },
    })
  }

  take(step: RequestStep): void {
    switch (step.kind) {
      case 'request':
        return this.#requests.upsert(step)
      case 'requestDeleted':
        return this.#requests.delete(step.uid, step.resourceVersion)
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
  }

  checkpoint(): Checkpoint | undefined {
    const position = this.#requests.position()
    return position && { ...position, totals: this.#totals.snapshot() }
  }

  committed({ totals }: Checkpoint): void {
    this.#committed = totals
  }

  issuers(): Iterable<IssuerView> {
    return this.#issuers.all(this.#counts.issuers(), this.#clock.now())
  }

  requestCounts(): Iterable<RequestCount> {
    return this.#counts.all()
  }

  totals(name: TotalName): Iterable<Total> {
    return this.#committed?.[name] ?? this.#totals.all(name)
  }
}
