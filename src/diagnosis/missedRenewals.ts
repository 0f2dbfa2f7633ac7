import type { SvidFacts } from '../ledger/workloads/compared/facts.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { Missed } from './svids.ts'
import { thresholds } from './thresholds.ts'

/** An SVID whose renewal was missed. */
export interface MissedSvid {
  readonly facts: SvidFacts
  readonly missed: Missed
}

/** The number of workloads that are named. */
const namedFirst = 3

/** MissedRenewals gathers what the missed renewals of one issuer have in common. Times are ms since the Unix epoch. */
export class MissedRenewals {
  count = 0
  /** For how many nothing newer was issued. */
  unissued = 0
  firstDueMs = Infinity
  /** The last of the times at which a renewal was due for which nothing newer was issued, and at which such a renewal was missed. */
  lastDueMs = -Infinity
  lastMissedMs = -Infinity
  /** A workload has asked since its renewal was due, or so shortly before that its driver asks again only afterwards. */
  hasAsked = false
  /** For how many of the unissued a request is known that was not issued. */
  requested = 0
  /** An SVID whose request was not issued. */
  requesting: SvidFacts | undefined
  areMuted = true
  readonly #first: MissedSvid[] = []

  add(svid: MissedSvid): void {
    const { facts, missed } = svid
    const { renewalDueMs } = missed.copy
    this.count += 1
    this.areMuted &&= facts.muted
    this.firstDueMs = Math.min(this.firstDueMs, renewalDueMs)
    if (facts.requested) this.requesting ??= facts
    this.#addFirst(svid)
    if (!missed.isUnissued) return
    this.unissued += 1
    if (facts.requested) this.requested += 1
    this.lastDueMs = Math.max(this.lastDueMs, renewalDueMs)
    this.lastMissedMs = Math.max(this.lastMissedMs, missed.sinceMs)
    this.hasAsked ||= (facts.requested?.createdMs ?? -Infinity) >= wholeSeconds(renewalDueMs - thresholds.retryMs)
  }

  /** When the first of the SVIDs expires. */
  get firstEndMs(): number {
    return this.#first[0] === undefined ? Infinity : endOf(this.#first[0])
  }

  /** Names the workloads whose SVIDs expire first, with the time of each. */
  get first(): string {
    return this.#first.map((svid) => `${nameOf(svid)} (${rfc3339(endOf(svid))})`).join(', ')
  }

  #addFirst(svid: MissedSvid): void {
    const index = this.#first.findIndex((other) => endOf(svid) < endOf(other))
    if (index !== -1) this.#first.splice(index, 0, svid)
    else if (this.#first.length < namedFirst) this.#first.push(svid)
    if (this.#first.length > namedFirst) this.#first.pop()
  }
}

/** Kubernetes cuts the times at which requests are created to whole seconds. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000

const endOf = ({ missed }: MissedSvid): number => missed.copy.svid.notAfterMs

function nameOf({ missed }: MissedSvid): string {
  const { namespace, pod, file } = missed.copy.labels
  return file === '' ? `${namespace}/${pod}` : file
}
