import type { RestartCause } from './causes.ts'
import type { FailureReason } from './history/failureReasons.ts'
import type { Reservation } from './history/history.ts'
import type { Policy } from './policy.ts'
import type { CopySight, OwnerSight, PodSight, SvidSight } from './sight.ts'

/** What has become of an open reservation. */
export type Verification =
  | { readonly is: 'waiting' | 'acted' | 'abandoned' }
  | { readonly is: 'healed'; readonly successor: string }
  | { readonly is: 'failed'; readonly reason: FailureReason }

/** Which pods may prove a restart. Of two restarts of one owner, each needs a new pod of its own, but nobody knows which is whose. */
export interface Proving {
  /** The uids of the pods that prove other restarts. */
  readonly taken: ReadonlySet<string>
  /** When the first of the restarts was reserved that were under way at the same time, ms since the Unix epoch. */
  readonly sinceMs: number
}

/** Verifies an open reservation. `sight` is undefined if the API could not be asked. */
export function verify(
  reservation: Reservation,
  sight: OwnerSight | undefined,
  proving: Proving,
  policy: Policy,
  nowMs: number,
): Verification {
  const { actedMs } = reservation
  return actedMs === undefined
    ? verifyReserved(reservation, sight, policy, nowMs)
    : verifyActed({ ...reservation, actedMs }, sight, proving, policy, nowMs)
}

/** Nobody does later what was not done at once. So whether the pod is there some time later tells whether it was done. */
function verifyReserved(
  { pod, reservedMs }: Reservation,
  sight: OwnerSight | undefined,
  policy: Policy,
  nowMs: number,
): Verification {
  if (sight !== undefined && sight.seenMs >= reservedMs) {
    if (!sight.pods.some(({ uid, isLeaving }) => uid === pod && !isLeaving)) return { is: 'acted' }
    if (sight.seenMs - reservedMs >= policy.verify.abandonMs) return { is: 'abandoned' }
  }
  return isEarly(reservedMs, sight, policy, nowMs) ? { is: 'waiting' } : { is: 'failed', reason: 'outcome_unknown' }
}

/** While the API cannot be asked, there is twice the time. */
const isEarly = (sinceMs: number, sight: OwnerSight | undefined, { verify }: Policy, nowMs: number): boolean =>
  nowMs - sinceMs < (sight === undefined ? 2 : 1) * verify.withinMs

/** Returns the pods of the owner that may have come because of the restart. */
const successorsOf = (
  { pod }: Reservation,
  sight: OwnerSight | undefined,
  { taken, sinceMs }: Proving,
  { clockSkewMs }: Policy,
): readonly PodSight[] =>
  sight?.pods.filter(
    ({ uid, createdMs, isLeaving }) =>
      uid !== pod && !isLeaving && !taken.has(uid) && createdMs >= sinceMs - clockSkewMs,
  ) ?? []

function verifyActed(
  reservation: Reservation & { readonly actedMs: number },
  sight: OwnerSight | undefined,
  proving: Proving,
  policy: Policy,
  nowMs: number,
): Verification {
  const successors = successorsOf(reservation, sight, proving, policy)
  const fresh = successors.find((successor) => isFresh(successor, reservation.cause, policy, nowMs))
  if (fresh) return { is: 'healed', successor: fresh.uid }
  if (isEarly(reservation.actedMs, sight, policy, nowMs)) return { is: 'waiting' }
  if (sight === undefined) return { is: 'failed', reason: 'outcome_unknown' }
  if (successors.length === 0) return { is: 'failed', reason: 'no_new_pod' }
  return { is: 'failed', reason: successors.some(isUnseen) ? 'not_seen' : 'not_fresh' }
}

/** Reports whether a new pod runs, has no problem, and has at least one copy that proves that the cause is gone. */
const isFresh = (pod: PodSight, cause: RestartCause, policy: Policy, nowMs: number): boolean =>
  pod.isRunning &&
  pod.svids.every(({ problems }) => problems.length === 0) &&
  pod.svids.some((svid) => isProof(svid, pod, cause, nowMs + policy.clockSkewMs))

/** Certificates are compared with each other by the clock of their issuer. */
function isProof(svid: SvidSight, { createdMs }: PodSight, cause: RestartCause, untilMs: number): boolean {
  const { issued, mounted, served } = svid
  const isSeen = (copy: CopySight | undefined): copy is CopySight =>
    copy !== undefined && copy.seenMs >= createdMs && copy.notAfterMs > untilMs
  const isNotBehind = (copy: CopySight, other: CopySight | undefined): boolean =>
    copy.notAfterMs >= (other?.notAfterMs ?? -Infinity)
  switch (cause) {
    case 'mount_stale':
    case 'mount_detached':
      return isSeen(mounted) && isNotBehind(mounted, issued)
    case 'not_reloaded':
      return isSeen(served) && isNotBehind(served, mounted)
    case 'not_renewed':
      return isSeen(mounted ?? issued)
  }
}

/** Reports whether a pod has no problem that is known, and nothing was seen of it. */
const isUnseen = ({ svids, createdMs }: PodSight): boolean =>
  svids.every(
    ({ problems, mounted, served }) =>
      problems.length === 0 && Math.max(mounted?.seenMs ?? 0, served?.seenMs ?? 0) < createdMs,
  )

/** What shows that a failure is over: a new pod that is fresh after all, or that the whole owner is well. */
export type Recovery = { readonly successor?: string }

/** Returns what shows that a failure is over; undefined if nothing does. */
export function recoveryOf(
  reservation: Reservation,
  sight: OwnerSight,
  proving: Proving,
  policy: Policy,
  nowMs: number,
): Recovery | undefined {
  const late = successorsOf(reservation, sight, proving, policy).find((pod) =>
    isFresh(pod, reservation.cause, policy, nowMs),
  )
  if (late !== undefined && reservation.actedMs !== undefined) return { successor: late.uid }
  return isWell(sight, reservation.endedMs ?? reservation.reservedMs) ? {} : undefined
}

/** Reports whether every pod of an owner was seen since a failure, and nothing is wrong with any. */
const isWell = ({ seenMs, pods }: OwnerSight, failedMs: number): boolean =>
  seenMs > failedMs &&
  pods
    .filter(({ isLeaving }) => !isLeaving)
    .flatMap(({ svids }) => svids)
    .every(({ problems, issued, mounted, served }) => {
      const lastMs = Math.max(...[issued, mounted, served].map((copy) => copy?.seenMs ?? -Infinity))
      return problems.length === 0 && lastMs > failedMs
    })
