import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { Period } from '../identity/lifetime.ts'
import type { PodTruth } from '../world/truth.ts'
import type { Workload } from '../world/workload.ts'

/**
 * An event in the life of a pod. `stranded` means that a new SVID was issued, but did not reach the pod's containers; `outdated`, that it
 * reached them, but their server presents an older one.
 */
export interface PodEvent {
  readonly kind: 'renewed' | 'stranded' | 'outdated' | 'denied' | 'overdue' | 'expired'
  readonly atMs: number
  readonly workload: Workload
  readonly detail: string
}

/** The true state of all pods at one time. `pods` are always the same, in the same order. */
export interface Snapshot {
  readonly atMs: number
  readonly pods: readonly PodTruth[]
}

/** A renewal is reported as overdue only after this time, because every renewal takes a moment. */
const overdueAfterMs = 5000

/** Returns the events between two snapshots. */
export function podEvents(before: Snapshot, after: Snapshot): PodEvent[] {
  return after.pods.flatMap((pod, index) => {
    const earlier = before.pods[index]
    if (earlier === undefined) return []
    const events = [issuance(earlier, pod), denial(earlier, pod), lapse(pod, before.atMs, after.atMs)]
    return events
      .filter((event) => event !== undefined)
      .map((event) => ({ ...event, atMs: after.atMs, workload: pod.workload }))
  })
}

type EventDetail = Pick<PodEvent, 'kind' | 'detail'> | undefined

function issuance(before: PodTruth, after: PodTruth): EventDetail {
  const { mounted } = after
  if (mounted !== undefined && mounted.notAfterMs !== before.mounted?.notAfterMs) return arrival(mounted, after)
  const certificate = after.newestRequest?.certificate
  if (!after.mountDead || certificate === undefined || after.newestRequest?.name === before.newestRequest?.name) {
    return undefined
  }
  return { kind: 'stranded', detail: `issued until ${timeOfDay(certificate.notAfterMs)}, but its mount is dead` }
}

/** Returns how far an SVID has come that was written on the node. */
function arrival({ notAfterMs }: Period, { workload, detached, inContainers, served }: PodTruth): EventDetail {
  const until = timeOfDay(notAfterMs)
  if (inContainers !== undefined && inContainers.notAfterMs !== notAfterMs) {
    const kept = detached ? 'its container keeps an older mount' : 'its container keeps the first one'
    if (detached || workload.bySubPath) return { kind: 'stranded', detail: `written until ${until}, but ${kept}` }
  }
  if (served !== undefined && served.notAfterMs < notAfterMs) {
    const old = timeOfDay(served.notAfterMs)
    return { kind: 'outdated', detail: `valid until ${until}, but its server presents the one until ${old}` }
  }
  return { kind: 'renewed', detail: `valid until ${until}` }
}

function denial(before: PodTruth, { newestRequest }: PodTruth): EventDetail {
  if (newestRequest?.state !== 'denied') return undefined
  if (before.newestRequest?.name === newestRequest.name && before.newestRequest.state === 'denied') return undefined
  const [objection = ''] = (newestRequest.decision ?? '').replace(/^Denied request: /, '').split(',')
  return { kind: 'denied', detail: objection }
}

/** Returns whether an SVID has become overdue or has expired in this time: the mounted one, or an older one that is in use. */
function lapse({ mounted, inContainers, served }: PodTruth, fromMs: number, toMs: number): EventDetail {
  if (mounted === undefined) return undefined
  const passed = (ms: number) => fromMs <= ms && ms < toMs
  const dueMs = renewalDueMs(mounted, renewalRules.csiDriverSpiffe)
  if (passed(mounted.notAfterMs)) return { kind: 'expired', detail: `renewal was due at ${timeOfDay(dueMs)}` }
  if (inContainers !== undefined && passed(inContainers.notAfterMs))
    return { kind: 'expired', detail: 'in its container, which does not get the one on the node' }
  if (served !== undefined && passed(served.notAfterMs))
    return { kind: 'expired', detail: 'in its server, which does not read its files again' }
  if (!passed(dueMs + overdueAfterMs)) return undefined
  return {
    kind: 'overdue',
    detail: `renewal was due at ${timeOfDay(dueMs)}, expires at ${timeOfDay(mounted.notAfterMs)}`,
  }
}

/** Formats a time as `07:59:41`, in UTC. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}
