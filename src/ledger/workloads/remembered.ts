import * as z from 'zod'
import type { X509Svid } from '../../identity/x509Svid.ts'
import { x509SvidSchema } from '../../identity/x509SvidSchema.ts'
import { renewalDueMs } from '../../identity/renewal.ts'
import { labelValue, timeMs } from '../stored.ts'
import { isOver } from './pods.ts'
import type { KnownPod } from './svid.ts'

/** What was issued for a pod's volume by a request that is gone, or soon will be: drivers delete it before they ask for the next SVID. */
export interface RememberedSvid {
  readonly podUid: string
  readonly volume: string
  readonly issuer: string
  /** The request: its uid, when it was made, and since when it is gone. Times are ms since the Unix epoch. */
  readonly uid: string
  readonly createdMs: number
  readonly lostMs?: number
  readonly svid: X509Svid
}

/** How a remembered SVID is stored. */
export const rememberedSvidSchema = z.strictObject({
  podUid: labelValue(63),
  volume: labelValue(63),
  issuer: z
    .string()
    .max(2048)
    .regex(/^[ -~]*$/),
  uid: labelValue(63),
  createdMs: timeMs,
  lostMs: z.exactOptional(timeMs),
  svid: x509SvidSchema,
})

/** More than there is room for. */
const maxRemembered = 1_000

/** How long svidwatch may be away and forget no SVID: as long before its renewal is due, it is remembered. */
const awayMs = 120_000

/** After so many pods the search may be interrupted: they take about a tenth of a millisecond. */
const slice = 512

/**
 * Chooses what to remember of the SVIDs of these pods, and of those that were remembered and are not known again yet: those
 * whose renewal is due soon, and those that no request tells any more. It yields wherever it may be interrupted.
 */
export function* svidsToRemember(
  pods: Iterable<KnownPod>,
  recalled: Iterable<RememberedSvid>,
  nowMs: number,
): Generator<undefined, readonly RememberedSvid[]> {
  const shares = new Shares()
  for (const svid of recalled) shares.add('', svid)
  let seen = 0
  for (const { pod, svids } of pods) {
    if ((seen += 1) % slice === 0) yield
    if (isOver(pod, nowMs)) continue
    for (const { place, rule, issued: side } of svids) {
      if (side?.issued === undefined) continue
      const { uid, createdMs, lostMs, issuer, svid, obtainedMs } = side.issued
      if (lostMs === undefined && renewalDueMs(svid, rule, obtainedMs) > nowMs + awayMs) continue
      const request = { issuer, uid, createdMs, ...(lostMs !== undefined && { lostMs }) }
      shares.add(place.namespace, { podUid: side.podUid, volume: place.volume, ...request, svid })
    }
  }
  return shares.chosen()
}

/**
 * The most urgent SVIDs of many, with a share for each namespace: first the most urgent one of each, then the second of each,
 * and so on. What no request tells any more is more urgent than what the next process may still be told; of these, what expires
 * first.
 */
class Shares {
  readonly #byNamespace = new Map<string, RememberedSvid[]>()

  add(namespace: string, svid: RememberedSvid): void {
    const known = this.#byNamespace.get(namespace) ?? []
    known.push(svid)
    this.#byNamespace.set(namespace, known.length < 2 * maxRemembered ? known : firstOf(known))
  }

  /** The chosen ones, those that matter most first. The same SVIDs come in the same order. */
  chosen(): readonly RememberedSvid[] {
    const shares = [...this.#byNamespace].sort(([one], [other]) => (one < other ? -1 : 1))
    const sorted = shares.map(([, svids]) => firstOf(svids))
    const chosen: RememberedSvid[] = []
    for (let round = 0; chosen.length < maxRemembered; round += 1) {
      const next = sorted.flatMap((svids) => svids.slice(round, round + 1))
      if (next.length === 0) break
      chosen.push(...firstOf(next))
    }
    return chosen.slice(0, maxRemembered)
  }
}

function firstOf(svids: RememberedSvid[]): RememberedSvid[] {
  return svids.sort(byUrgency).slice(0, maxRemembered)
}

function byUrgency(one: RememberedSvid, other: RememberedSvid): number {
  const isThere = ({ lostMs }: RememberedSvid) => Number(lostMs === undefined)
  return isThere(one) - isThere(other) || one.svid.notAfterMs - other.svid.notAfterMs || (one.uid < other.uid ? -1 : 1)
}
