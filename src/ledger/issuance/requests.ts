import type { Clock } from '../../clock.ts'
import { shortUid, type Position } from './checkpoint.ts'
import { Relisted } from '../relisted.ts'
import { compactVersion, isNewer } from '../../resourceVersion.ts'
import type { Observation } from '../observations.ts'
import type { RequestObservation, RequestState } from './observations.ts'
import { Recent } from './recent.ts'
import type { RequestKind, StepTimes } from './view.ts'
import type { IssuedSide } from '../workloads/svid.ts'

/**
 * Whether the end of a request has been counted. `open`: not yet. `settled`: it has been, or it was before the count
 * began. `unknown`: the request changed after the checkpoint, and only the history since then can tell whether it was also created
 * after it.
 */
type Counting = 'open' | 'settled' | 'unknown'

/** What a request counts to. Nothing else of the request is kept: there may be 100,000 of them. */
export interface Membership {
  group: RequestKind
  /** Undefined if no pod owns the request. */
  volume: IssuedSide | undefined
}

/** Called when requests change. `before` is what `changed` last returned for the same request. */
export interface RequestListener {
  /** A request is new (`before` is undefined) or has changed. Returns what it counts to now. */
  changed(request: RequestObservation, before: Membership | undefined): Membership
  gone(uid: string, before: Membership): void
  /** A request is known for the first time. */
  admitted(request: RequestObservation): void
  /** A request has ended, and is to be counted. */
  concluded(request: RequestObservation, seen: StepTimes): void
  /** A request is known for the first time, and its end is not to be counted: it was before, or nobody can know. */
  endedBefore(request: RequestObservation): void
}

interface RequestRecord extends Membership {
  /** The `compactVersion` of its resourceVersion. */
  version: number | string
}

/** One object for all requests that have no times. */
const notSeen: StepTimes = {}

type RequestChange = Extract<Observation, { kind: 'request' }>

const concluded = (state: RequestState): boolean => state === 'issued' || state === 'denied' || state === 'failed'

/**
 * Requests holds the CertificateRequests that exist, and decides which ends are counted: each uid once, in the order of the API's
 * history. After a restart the first listing says which requests exist and counts nothing. The history since the checkpoint then
 * arrives again as changes, which are compared by resourceVersion.
 */
export class Requests {
  readonly #clock: Clock
  readonly #listener: RequestListener
  readonly #maxRecent: number
  readonly #records = new Relisted<RequestRecord>()
  /**
   * The short uids of the requests whose end is still to be counted, oldest first, with the times at which their steps were seen live.
   * These are finer than the object's timestamps.
   */
  readonly #open = new Map<string, StepTimes>()
  /** The uids of the requests of which it is `unknown` whether their end has been counted. */
  readonly #unknown = new Set<string>()
  readonly #openAtCheckpoint = new Set<string>()
  #resumedAt: string | undefined
  #recentAtCheckpoint: Recent
  /** Covers all requests up to the position. */
  #recent: Recent
  #listedAt: string | undefined
  #position: string | undefined

  /** `maxRecent` bounds the settled requests in the position. */
  constructor(clock: Clock, listener: RequestListener, maxRecent: number) {
    this.#clock = clock
    this.#listener = listener
    this.#recentAtCheckpoint = new Recent(maxRecent)
    this.#recent = new Recent(maxRecent)
    this.#maxRecent = maxRecent
  }

  /** Continues from the position of a checkpoint. Must be called before the first listing. */
  resume({ resourceVersion, newestCreatedMs, recent, open }: Position): void {
    this.#resumedAt = this.#position = resourceVersion
    this.#recentAtCheckpoint = new Recent(this.#maxRecent, newestCreatedMs, recent)
    this.#recent = new Recent(this.#maxRecent, newestCreatedMs, recent)
    for (const uid of open) this.#openAtCheckpoint.add(uid)
  }

  /** Reports whether the requests have been listed. */
  get hasListed(): boolean {
    return this.#listedAt !== undefined
  }

  beginListing(): void {
    this.#records.beginListing()
    if (!this.#firstListingAfterResume) this.#position = undefined
  }

  endListing(resourceVersion: string): void {
    for (const [uid, record] of this.#records.missing()) this.#remove(uid, record)
    if (!this.#firstListingAfterResume) {
      this.#position = resourceVersion
      this.#openAtCheckpoint.clear()
    }
    this.#listedAt = resourceVersion
  }

  progress(resourceVersion: string): void {
    if (this.#listedAt === undefined) return
    this.#position = resourceVersion
    // What was open at the checkpoint was listed, or has come again in the history.
    if (!this.#replaying) this.#openAtCheckpoint.clear()
  }

  /** A request was listed that cannot be read: what is known of it stays. */
  keep(uid: string): void {
    this.#records.keep(uid)
  }

  upsert({ change, listed, request }: RequestChange): void {
    if (!listed) this.progress(request.resourceVersion)
    const record = this.#records.get(request.uid) ?? this.#admit(change, listed, request)
    if (listed) this.keep(request.uid)
    if (this.#unknown.has(request.uid)) this.#begin(request, this.#resolve(change, listed, request))
    if (supersedes(request, record, listed)) {
      record.version = compactVersion(request.resourceVersion)
      const { group, volume } = this.#listener.changed(request, record)
      record.group = group
      record.volume = volume
    }
    const seen = this.#open.get(shortUid(request.uid))
    if (seen && this.#isLive(listed) && request.state === 'approved')
      this.#open.set(shortUid(request.uid), { approvedMs: this.#clock.now(), ...seen })
    if (!(listed && this.#firstListingAfterResume)) this.#count(request, listed)
    if (!this.#unknown.has(request.uid)) this.#recent.add(request, !this.#open.has(shortUid(request.uid)))
  }

  delete(uid: string, resourceVersion: string): void {
    const record = this.#records.get(uid)
    if (record !== undefined && isNewer(resourceVersion, String(record.version))) this.#remove(uid, record)
    // A request that is deleted during the first listing arrives again in the history, and may have ended in it.
    if (!this.#firstListingAfterResume) this.#openAtCheckpoint.delete(shortUid(uid))
    this.progress(resourceVersion)
  }

  /**
   * Returns the position in the history: `listing` during a listing, which has no single resourceVersion, and undefined before the
   * first listing, in which nothing is counted.
   */
  position(): Position | 'listing' | undefined {
    if (this.#position === undefined) return this.#listedAt === undefined ? undefined : 'listing'
    return {
      resourceVersion: this.#position,
      open: [...[...this.#openAtCheckpoint].filter((uid) => !this.#open.has(uid)), ...this.#open.keys()],
      newestCreatedMs: this.#recent.newestMs,
      recent: this.#recent.settled,
    }
  }

  get #firstListingAfterResume(): boolean {
    return this.#resumedAt !== undefined && this.#listedAt === undefined
  }

  /** Reports whether the changes that arrive now happened before the last listing. */
  get #replaying(): boolean {
    return this.#resumedAt !== undefined && !isNewer(this.#position, this.#listedAt)
  }

  #isLive(listed: boolean): boolean {
    return !listed && !this.#replaying
  }

  #admit(change: RequestChange['change'], listed: boolean, request: RequestObservation): RequestRecord {
    const { group, volume } = this.#listener.changed(request, undefined)
    const record: RequestRecord = {
      group,
      volume,
      version: compactVersion(request.resourceVersion),
    }
    this.#records.set(request.uid, record)
    const seen = this.#isLive(listed) && change === 'added' ? { createdMs: this.#clock.now() } : notSeen
    this.#begin(request, this.#countingOfNew(change, listed, request), seen)
    this.#listener.admitted(request)
    return record
  }

  #countingOfNew(change: RequestChange['change'], listed: boolean, request: RequestObservation): Counting {
    if (this.#openAtCheckpoint.has(shortUid(request.uid))) return 'open'
    if (!listed) return change === 'modified' && this.#replaying ? 'settled' : 'open'
    if (this.#listedAt !== undefined) return 'open'
    if (this.#resumedAt !== undefined && isNewer(request.resourceVersion, this.#resumedAt)) return 'unknown'
    return concluded(request.state) ? 'settled' : 'open'
  }

  /** A request whose history begins with `added` was created after the checkpoint. Without history, its creation time decides. */
  #resolve(change: RequestChange['change'], listed: boolean, request: RequestObservation): Counting {
    if (listed && this.#firstListingAfterResume) return 'unknown'
    const isNew = listed ? this.#recentAtCheckpoint.isNew(request) : change === 'added'
    return isNew ? 'open' : 'settled'
  }

  #count(request: RequestObservation, listed: boolean): void {
    const seen = this.#open.get(shortUid(request.uid))
    if (seen === undefined || !concluded(request.state)) return
    this.#set(request.uid, 'settled')
    this.#openAtCheckpoint.delete(shortUid(request.uid))
    const concludedMs = this.#clock.now()
    this.#listener.concluded(request, this.#isLive(listed) ? { ...seen, concludedMs } : seen)
  }

  #begin(request: RequestObservation, counting: Counting, seen?: StepTimes): void {
    this.#set(request.uid, counting, seen)
    if (counting === 'settled' && concluded(request.state)) this.#listener.endedBefore(request)
  }

  #set(uid: string, counting: Counting, seen = notSeen): void {
    this.#open.delete(shortUid(uid))
    this.#unknown.delete(uid)
    if (counting === 'open') this.#open.set(shortUid(uid), seen)
    if (counting === 'unknown') this.#unknown.add(uid)
  }

  #remove(uid: string, record: RequestRecord): void {
    this.#records.delete(uid)
    this.#open.delete(shortUid(uid))
    this.#unknown.delete(uid)
    this.#listener.gone(uid, record)
  }
}

/** A listed version replaces the recorded one, even if it is older because the history was set back. */
function supersedes(one: RequestObservation, other: RequestRecord, listed: boolean): boolean {
  const recorded = String(other.version)
  return listed ? one.resourceVersion !== recorded : isNewer(one.resourceVersion, recorded)
}
