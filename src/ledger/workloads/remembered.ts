import * as z from 'zod'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { Period } from '../../identity/lifetime.ts'
import { certificateTimeMs, fingerprint, keyId, x509SvidSchema } from '../../identity/x509SvidSchema.ts'
import { renewalDueMs } from '../../identity/renewal.ts'
import { issuer, labelValue, timeMs } from '../stored.ts'
import { labelValuePattern } from '../../text/kubernetesNames.ts'
import { isWaiting } from '../issuance/observations.ts'
import { isOver } from './pods.ts'
import { isNewer } from './compared/compare.ts'
import { heldCopy } from './mounted/heldCopy.ts'
import type { PodObservation } from './observations.ts'
import type { IssuedCopy, IssuedSide, KnownPod, MountedSide, NewerSvid, Svid } from './svid.ts'
import type { SvidCopy } from './svidCopy.ts'

/** An SVID whose request is gone or soon will be: drivers delete a request before they create the next one. */
export interface RememberedSvid {
  readonly podUid: string
  readonly volume: string
  readonly issuer: string
  /** The uid and the creation time of the request. Times are ms since the Unix epoch. */
  readonly uid: string
  readonly createdMs: number
  /** How long the request had waited when it was issued, ms. */
  readonly waitedMs?: number
  /** Since when the request is gone. */
  readonly lostMs?: number
  /** Since when the next SVID has been asked for without an answer, if its request has replaced others. */
  readonly askedMs?: number
  readonly svid: X509Svid
  /** The first SVID that was issued and is not mounted, if it is not this one. */
  readonly firstNewer?: Omit<NewerSvid, 'sinceMs'>
  /** What containers have, if it is no longer mounted on the host. */
  readonly held?: RememberedMount
}

/** What was in a mount, and when the mount was born. Without `replacedMs`, no other mount has taken its place on the host yet. */
export interface RememberedMount extends Period {
  readonly fingerprint: string
  readonly authorityKeyId?: string
  readonly bornMs: number
  readonly replacedMs?: number
}

/** The stored form of a remembered SVID. */
export const rememberedSvidSchema = z.object({
  podUid: labelValue(63),
  volume: z.string().regex(labelValuePattern),
  issuer,
  uid: labelValue(63),
  createdMs: timeMs,
  waitedMs: z.exactOptional(timeMs),
  lostMs: z.exactOptional(timeMs),
  askedMs: z.exactOptional(timeMs),
  svid: x509SvidSchema,
  firstNewer: z.exactOptional(z.object({ notBeforeMs: timeMs, issuedMs: timeMs })),
  held: z.exactOptional(
    z.object({
      notBeforeMs: certificateTimeMs,
      notAfterMs: certificateTimeMs,
      fingerprint,
      authorityKeyId: z.exactOptional(keyId),
      bornMs: timeMs,
      replacedMs: z.exactOptional(timeMs),
    }),
  ),
})

/** More SVIDs than the memory has room for. */
const maxRemembered = 1_000

/** SVIDs are remembered from this long before their renewal is due: svidwatch may be away for as long. */
const awayMs = 120_000

/** The number of pods after which the search yields. They take about a tenth of a millisecond. */
const slice = 512

/**
 * Returns the SVIDs to remember, of those of the pods and those in `recalled`, which an earlier process has remembered and which
 * are not known again yet. They are the SVIDs whose renewal is due soon, whose request is gone, that are newer than what is mounted, or of
 * whose volume containers have an earlier mount.
 * The generator yields where it may be interrupted.
 */
export function* svidsToRemember(
  pods: Iterable<KnownPod>,
  recalled: Iterable<RememberedSvid>,
  nowMs: number,
): Generator<undefined, readonly RememberedSvid[]> {
  const shares = new Shares()
  for (const svid of recalled) shares.add('', svid)
  let walked = 0
  for (const { pod, svids } of pods) {
    if ((walked += 1) % slice === 0) yield
    if (isOver(pod, nowMs)) continue
    for (const svid of svids) {
      const remembered = rememberedOf(pod, svid, nowMs)
      if (remembered) shares.add(svid.place.namespace, remembered)
    }
  }
  return yield* shares.chosen()
}

/** Returns since when the next SVID has been asked for without an answer; undefined if the request that waits says so itself. */
function askedMsOf({ requested, issued }: IssuedSide): number | undefined {
  if (requested === undefined) return issued?.askedMs
  return isWaiting(requested.state) && requested.askedMs < requested.createdMs ? requested.askedMs : undefined
}

/** Reports whether the mounted copy is older than the issued one, or was when it was last known. */
const isUnmounted = (issued: IssuedCopy, { firstNewer }: IssuedSide, mounted: SvidCopy | undefined): boolean =>
  mounted === undefined ? firstNewer !== undefined : isNewer(issued, mounted)

/** Returns what containers have that is not on the host: in an earlier mount, or in the last one if the host has none. */
function heldOf(pod: PodObservation, svid: Svid, mounted: MountedSide): RememberedMount | undefined {
  const { copy, problem, mountBirthMs, held, wasLostUnseen } = mounted
  if (held && heldCopy(pod, svid)) return { ...brief(held.copy), bornMs: held.bornMs, replacedMs: held.replacedMs }
  if (copy === undefined || problem !== 'unmounted' || mountBirthMs === 0 || wasLostUnseen) return undefined
  return { ...brief(copy), bornMs: mountBirthMs }
}

const brief = ({ svid: { notBeforeMs, notAfterMs, fingerprint: of, authorityKeyId } }: SvidCopy) => ({
  notBeforeMs,
  notAfterMs,
  fingerprint: of,
  ...(authorityKeyId !== undefined && { authorityKeyId }),
})

/** Returns what is to be remembered of an SVID; undefined if nothing is. */
function rememberedOf(pod: PodObservation, svid: Svid, nowMs: number): RememberedSvid | undefined {
  const { place, rule, issued: side, mounted } = svid
  if (side?.issued === undefined) return undefined
  const { lostMs, obtainedMs } = side.issued
  const isDue = renewalDueMs(side.issued.svid, rule, obtainedMs) <= nowMs + awayMs
  const held = mounted && heldOf(pod, svid, mounted)
  if (!isDue && lostMs === undefined && !held && !isUnmounted(side.issued, side, mounted?.copy)) return undefined
  return { ...issuedOf(side, side.issued, place.volume), ...(held && { held }) }
}

function issuedOf(side: IssuedSide, issued: IssuedCopy, volume: string): RememberedSvid {
  const { podUid, firstNewer } = side
  const { uid, createdMs, waitedMs, lostMs, issuer, svid } = issued
  const askedMs = askedMsOf(side)
  return {
    ...{ podUid, volume, issuer, uid, createdMs, svid },
    ...(waitedMs > 0 && { waitedMs }),
    ...(lostMs !== undefined && { lostMs }),
    ...(askedMs !== undefined && { askedMs }),
    ...(firstNewer && isNewer(issued, { svid: firstNewer }) && { firstNewer: withoutAge(firstNewer) }),
  }
}

const withoutAge = ({ notBeforeMs, issuedMs }: NewerSvid) => ({ notBeforeMs, issuedMs })

/**
 * Shares chooses the most urgent SVIDs, with a share for each namespace: first the most urgent one of each namespace, then the
 * second of each, and so on. SVIDs whose request is gone are the most urgent; of these, and of the others, those that expire first.
 */
class Shares {
  readonly #byNamespace = new Map<string, MostUrgent>()

  add(namespace: string, svid: RememberedSvid): void {
    const share = this.#byNamespace.get(namespace) ?? new MostUrgent()
    share.add(svid)
    this.#byNamespace.set(namespace, share)
  }

  /** Returns the chosen SVIDs, the most urgent first. The same SVIDs come in the same order. Yields after each namespace. */
  *chosen(): Generator<undefined, readonly RememberedSvid[]> {
    const shares: (readonly RememberedSvid[])[] = []
    for (const share of this.#byNamespace.values()) {
      shares.push(share.sorted())
      yield
    }
    const chosen: RememberedSvid[] = []
    for (let round = 0; chosen.length < maxRemembered; round += 1) {
      const next = yield* ofRound(shares, round)
      if (next.length === 0) break
      chosen.push(...next)
    }
    return chosen.slice(0, maxRemembered)
  }
}

/** Returns the most urgent of those SVIDs that have the given rank in their share. Yields wherever it may be interrupted. */
function* ofRound(
  shares: readonly (readonly RememberedSvid[])[],
  rank: number,
): Generator<undefined, readonly RememberedSvid[]> {
  const next = new MostUrgent()
  for (const [index, share] of shares.entries()) {
    if (index % slice === 0) yield
    const svid = share[rank]
    if (svid) next.add(svid)
  }
  return next.sorted()
}

/** MostUrgent keeps the most urgent of many SVIDs, as many as the memory can need. */
class MostUrgent {
  #svids: RememberedSvid[] = []

  add(svid: RememberedSvid): void {
    this.#svids.push(svid)
    if (this.#svids.length >= 2 * maxRemembered) this.#svids = this.sorted()
  }

  /** Returns them, the most urgent first. */
  sorted(): RememberedSvid[] {
    return this.#svids.sort(byUrgency).slice(0, maxRemembered)
  }
}

function byUrgency(one: RememberedSvid, other: RememberedSvid): number {
  const hasRequest = ({ lostMs }: RememberedSvid) => Number(lostMs === undefined)
  return (
    hasRequest(one) - hasRequest(other) || one.svid.notAfterMs - other.svid.notAfterMs || (one.uid < other.uid ? -1 : 1)
  )
}
