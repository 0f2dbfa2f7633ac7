import type { PodProbes, PortProbe } from './servedSide.ts'
import type { Svid } from '../svid.ts'
import { hasId } from './serverPlaces.ts'
import { probeStates, type ProbesCount, type ProbeState } from '../view.ts'

/** Returns the numbers of workloads in each state, all 0. */
export const noProbeStates = (): Record<ProbeState, number> =>
  Object.fromEntries(Object.keys(probeStates).map((state) => [state, 0])) as Record<ProbeState, number>

/** Returns the counts of each namespace, also those that are 0. */
export function* probesCounts(
  byNamespace: ReadonlyMap<string, Readonly<Record<ProbeState, number>>>,
): Iterable<ProbesCount> {
  for (const [namespace, counts] of byNamespace)
    for (const state of Object.keys(counts) as ProbeState[]) yield { namespace, state, count: counts[state] }
}

/** Returns what the probes of a pod with SVIDs found. `isRunning` says whether a container runs that could be probed. */
export function podProbeState(svids: readonly Svid[], probes: PodProbes | undefined, isRunning: boolean): ProbeState {
  if (probes === undefined) return isRunning ? 'no_target' : 'pending'
  return probeStateOf(probes.values(), (spiffeId) => svids.some((svid) => hasId(svid, spiffeId)))
}

/** Returns the first state, in the order of `probeStates`, that a probe found. `isOwn` says whether a SPIFFE ID is one of the workload. */
export function probeStateOf(probes: Iterable<PortProbe>, isOwn: (spiffeId: string) => boolean): ProbeState {
  const found = new Set<ProbeState>()
  for (const { outcome, served } of probes) {
    if (outcome === 'svid') found.add(served && isOwn(served.copy.svid.spiffeId) ? 'served' : 'other_identity')
    else if (outcome === 'no_spiffe_id' || outcome === 'host_network') found.add(outcome)
    else found.add('unreachable')
  }
  return (Object.keys(probeStates) as ProbeState[]).find((state) => found.has(state)) ?? 'no_target'
}
