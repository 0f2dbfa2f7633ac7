import type { Clock } from '../../clock.ts'
import { shortUid, maxOpen, type Checkpoint } from './checkpoint.ts'
import { isNewer } from '../../resourceVersion.ts'
import type { Seen } from './attestations.ts'
import type { Observation } from '../observations.ts'
import type { RequestObservation, RequestState } from './observations.ts'
import { Recent } from './recent.ts'
import type { RequestKind } from './view.ts'
import type { IssuedSide } from '../workloads/svid.ts'

/**
 * Whether a request's end has been counted: `open`: not yet, `settled`: it has, or it lies before the count began; `unknown`:
 * it changed after the checkpoint, and only the history since then can tell whether it was made after it as well.
 */
type Counting = 'open' | 'settled' | 'unknown'

/** What a request counts to. Nothing else is kept of the request itself: there may be 100,000 of them. */
export interface Standing {
  group: RequestKind
  /** Undefined where no pod owns it. */
  volume: IssuedSide | undefined
}

/** Who hears of requests; `before` is what was answered for the same request last. */
export interface RequestListener {
  /** A request is new (`before` is undefined) or has changed. Answers where it stands from now on. */
  changed(request: RequestObservation, before: Standing | undefined): Standing
  gone(uid: string, before: Standing): void
  /** A request has come to be known. */
  admitted(request: RequestObservation): void
  /** A request has ended, and is to be counted. */
  concluded(request: RequestObservation, seen: Seen): void
}

interface RequestRecord extends Standing {
  /** Of its newest version. */
  resourceVersion: string
  counting: Counting
  /** The listing that last showed it. */
  listing: number
  /** When its steps were seen as they happened, of finer resolution than the object's own timestamps; until it is counted. */
  seen: Seen | undefined
}

type RequestChange = Extract<Observation, { kind: 'request' }>

const concluded = (state: RequestState): boolean => state === 'issued' || state === 'denied' || state === 'failed'

/**
 * The CertificateRequests that exist, and the one rule by which their ends are counted: each uid once, in the order of the
 * API's history. After a restart the first listing tells what there is and counts nothing; the history since the checkpoint
 * then comes as changes again, and what they say is compared by resourceVersion.
 */
export class Requests {
  readonly #clock: Clock
  readonly #listener: RequestListener
  readonly #records = new Map<string, RequestRecord>()
  /** The uids of those whose end is still to be counted, in the order in which they came to be known. */
  readonly #open = new Set<string>()
  readonly #openAtCheckpoint = new Set<string>()
  #resumedAt: string | undefined
  #recentAtCheckpoint = new Recent()
  /** Of all that the position covers. */
  #recent = new Recent()
  #listing = 0
  #listedAt: string | undefined
  #position: string | undefined

  constructor(clock: Clock, listener: RequestListener) {
    this.#clock = clock
    this.#listener = listener
  }

  /** Goes on from a checkpoint; to be called before the first listing. */
  resume(checkpoint: Checkpoint): void {
    this.#resumedAt = this.#position = checkpoint.resourceVersion
    const recent = [checkpoint.newestCreatedMs, checkpoint.recent] as const
    this.#recentAtCheckpoint = new Recent(...recent)
    this.#recent = new Recent(...recent)
    for (const uid of checkpoint.open) this.#openAtCheckpoint.add(uid)
  }

  beginListing(): void {
    this.#listing += 1
    if (!this.#firstListingAfterResume) this.#position = undefined
  }

  endListing(resourceVersion: string): void {
    for (const [uid, record] of this.#records) if (record.listing !== this.#listing) this.#remove(uid, record)
    if (!this.#firstListingAfterResume) {
      this.#position = resourceVersion
      this.#openAtCheckpoint.clear()
    }
    this.#listedAt = resourceVersion
  }

  progress(resourceVersion: string): void {
    if (this.#listedAt !== undefined) this.#position = resourceVersion
  }

  upsert({ change, listed, request }: RequestChange): void {
    if (!listed) this.progress(request.resourceVersion)
    const record = this.#records.get(request.uid) ?? this.#admit(change, listed, request)
    if (listed) record.listing = this.#listing
    if (record.counting === 'unknown') this.#set(request.uid, record, this.#resolve(change, listed, request))
    if (supersedes(request, record, listed)) {
      record.resourceVersion = request.resourceVersion
      const { group, volume } = this.#listener.changed(request, record)
      record.group = group
      record.volume = volume
    }
    if (this.#isLive(listed) && request.state === 'approved')
      record.seen = { approvedMs: this.#clock.now(), ...record.seen }
    if (!(listed && this.#firstListingAfterResume)) this.#count(record, request, listed)
    if (record.counting !== 'unknown') this.#recent.saw(request, record.counting === 'settled')
  }

  delete(uid: string, resourceVersion: string): void {
    const record = this.#records.get(uid)
    if (record !== undefined && isNewer(resourceVersion, record.resourceVersion)) this.#remove(uid, record)
    // What goes while the first list comes, comes again in the history, and may have ended in it.
    if (!this.#firstListingAfterResume) this.#openAtCheckpoint.delete(shortUid(uid))
    this.progress(resourceVersion)
  }

  /** Where the count stands; undefined while a listing is under way, which has no one resourceVersion. */
  position(): Omit<Checkpoint, 'totals'> | undefined {
    if (this.#position === undefined) return undefined
    return {
      resourceVersion: this.#position,
      open: this.#newestOpen(),
      newestCreatedMs: this.#recent.newestMs,
      recent: this.#recent.settled,
    }
  }

  #newestOpen(): readonly string[] {
    const newest = new Set<string>()
    let skipped = this.#open.size - maxOpen
    for (const uid of this.#open) if ((skipped -= 1) < 0) newest.add(shortUid(uid))
    const earlier = [...this.#openAtCheckpoint].filter((uid) => !newest.has(uid))
    return [...earlier, ...newest].slice(-maxOpen)
  }

  get #firstListingAfterResume(): boolean {
    return this.#resumedAt !== undefined && this.#listedAt === undefined
  }

  /** The changes that come now happened before the last listing. */
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
      resourceVersion: request.resourceVersion,
      counting: this.#countingOfNew(change, listed, request),
      listing: this.#listing,
      seen: this.#isLive(listed) && change === 'added' ? { createdMs: this.#clock.now() } : undefined,
    }
    this.#records.set(request.uid, record)
    this.#set(request.uid, record, record.counting)
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

  /** History that begins with `added` began after the checkpoint; without history, the creation time decides. */
  #resolve(change: RequestChange['change'], listed: boolean, request: RequestObservation): Counting {
    if (listed && this.#firstListingAfterResume) return 'unknown'
    const isNew = listed ? this.#recentAtCheckpoint.hasNot(request) : change === 'added'
    return isNew ? 'open' : 'settled'
  }

  #count(record: RequestRecord, request: RequestObservation, listed: boolean): void {
    if (record.counting !== 'open' || !concluded(request.state)) return
    this.#set(request.uid, record, 'settled')
    this.#openAtCheckpoint.delete(shortUid(request.uid))
    const concludedMs = this.#clock.now()
    this.#listener.concluded(request, this.#isLive(listed) ? { ...record.seen, concludedMs } : (record.seen ?? {}))
    record.seen = undefined
  }

  #set(uid: string, record: RequestRecord, counting: Counting): void {
    record.counting = counting
    if (counting === 'open') this.#open.add(uid)
    else this.#open.delete(uid)
  }

  #remove(uid: string, record: RequestRecord): void {
    this.#records.delete(uid)
    this.#open.delete(uid)
    this.#listener.gone(uid, record)
  }
}

/** A list tells what is, also where it comes from a history that was set back; of changes, the newer one does. */
function supersedes(one: RequestObservation, other: RequestRecord, listed: boolean): boolean {
  if (listed) return one.resourceVersion !== other.resourceVersion
  return isNewer(one.resourceVersion, other.resourceVersion)
}
