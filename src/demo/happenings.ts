import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { PodTruth } from '../world/truth.ts'
import type { Workload } from '../world/workload.ts'

/** Something of interest that has happened to one pod. `stranded`: it was issued anew, and its dead mount shows nothing of it. */
export interface Happening {
  readonly kind: 'renewed' | 'stranded' | 'denied' | 'overdue' | 'expired'
  readonly atMs: number
  readonly workload: Workload
  readonly detail: string
}

/** What was true at one time; `pods` are always the same ones, in the same order. */
export interface Snapshot {
  readonly atMs: number
  readonly pods: readonly PodTruth[]
}

/** A renewal that takes a moment longer than usual is not worth a line. */
const overdueAfterMs = 5000

/** What has happened between two snapshots. */
export function happenings(before: Snapshot, after: Snapshot): Happening[] {
  return after.pods.flatMap((pod, index) => {
    const earlier = before.pods[index]
    if (earlier === undefined) return []
    const found = [issuance(earlier, pod), denial(earlier, pod), lapse(pod, before.atMs, after.atMs)]
    return found.filter((one) => one !== undefined).map((one) => ({ ...one, atMs: after.atMs, workload: pod.workload }))
  })
}

type Finding = Pick<Happening, 'kind' | 'detail'> | undefined

function issuance(before: PodTruth, after: PodTruth): Finding {
  const { mounted } = after
  if (mounted !== undefined && mounted.notAfterMs !== before.mounted?.notAfterMs) {
    return { kind: 'renewed', detail: `valid until ${timeOfDay(mounted.notAfterMs)}` }
  }
  const certificate = after.newestRequest?.certificate
  if (!after.mountDead || certificate === undefined || after.newestRequest?.name === before.newestRequest?.name) {
    return undefined
  }
  return { kind: 'stranded', detail: `issued until ${timeOfDay(certificate.notAfterMs)}, but its mount is dead` }
}

function denial(before: PodTruth, { newestRequest }: PodTruth): Finding {
  if (newestRequest?.state !== 'denied') return undefined
  if (before.newestRequest?.name === newestRequest.name && before.newestRequest.state === 'denied') return undefined
  const [objection = ''] = (newestRequest.decision ?? '').replace(/^Denied request: /, '').split(',')
  return { kind: 'denied', detail: objection }
}

/** What time alone has done to the certificate that is mounted. */
function lapse({ mounted }: PodTruth, fromMs: number, toMs: number): Finding {
  if (mounted === undefined) return undefined
  const passed = (ms: number) => fromMs <= ms && ms < toMs
  const dueMs = renewalDueMs(mounted, renewalRules.csiDriverSpiffe)
  if (passed(mounted.notAfterMs)) return { kind: 'expired', detail: `renewal was due at ${timeOfDay(dueMs)}` }
  if (!passed(dueMs + overdueAfterMs)) return undefined
  return {
    kind: 'overdue',
    detail: `renewal was due at ${timeOfDay(dueMs)}, expires at ${timeOfDay(mounted.notAfterMs)}`,
  }
}

/** `07:59:41`, in UTC. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}
