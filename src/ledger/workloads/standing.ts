import type { PodObservation } from './observations.ts'
import { isOver } from './pods.ts'
import type { WorkloadState } from './view.ts'
import type { IssuedSide, MountedSide, PlaceLabels, SvidCopy } from './workload.ts'

/** One workload: a volume of a pod, as either side names it, with what was issued for it and what is mounted. */
export interface Workload {
  readonly labels: PlaceLabels
  readonly issuedKey: string
  issued: IssuedSide | undefined
  mounted: MountedSide | undefined
}

/** What is shown of one pod, known or not. */
export interface ShownPod {
  readonly pod?: PodObservation
  readonly workloads: readonly Workload[]
}

/** A pod with volumes for SVIDs. */
export interface KnownPod extends ShownPod {
  pod: PodObservation
}

/** The workloads of a pod, unless it is over. */
export const current = ({ pod, workloads }: ShownPod, nowMs: number): readonly Workload[] =>
  pod && isOver(pod, nowMs) ? [] : workloads

/** How it stands with the SVIDs of a pod. */
export interface PodStanding {
  readonly pod: PodObservation
  readonly state: WorkloadState
  /** How many SVIDs are in its files, and how many of those that were issued for it are valid. */
  readonly mounted: number
  readonly issued: number
}

/** How long after an SVID was issued the files of a node were still seen, in ms. */
export type SeenForMs = (issued: SvidCopy, mounted: MountedSide) => number

/** Of a volume, what is mounted decides where it is known; of several volumes, the worst. */
export function standingOf({ pod, workloads }: KnownPod, nowMs: number, seenForMs: SeenForMs): PodStanding {
  const standing = { pod, state: 'valid' as WorkloadState, mounted: 0, issued: 0 }
  for (const { issued: side, mounted } of workloads) {
    const issued = side?.issued
    if (mounted?.copy && !mounted.problem) standing.mounted += 1
    if (issued && nowMs <= issued.svid.notAfterMs) standing.issued += 1
    const inUse = copyInUse(issued, mounted, seenForMs)
    if (inUse && nowMs > inUse.svid.notAfterMs) standing.state = 'expired'
    else if (!inUse && standing.state === 'valid') standing.state = 'pending'
  }
  return standing
}

/** What is mounted, where it is known; but what was issued, where nobody has looked since. */
export function copyInUse(
  issued: SvidCopy | undefined,
  mounted: MountedSide | undefined,
  seenForMs: SeenForMs,
): SvidCopy | undefined {
  const copy = mounted?.copy
  if (!mounted || !copy || !issued || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) return copy ?? issued
  return seenForMs(issued, mounted) < 0 ? issued : copy
}
