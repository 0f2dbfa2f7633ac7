import { issuedTruth, mountedTruth, type FleetPod } from './fleet.ts'
import { samplesIn, type Svidwatch } from './svidwatch.ts'

/** A scrape and the truth at the same time: the ends of certificates by the pods' uids, ms since the Unix epoch. */
export interface Snapshot {
  readonly text: string
  readonly atMs: number
  readonly mounted: ReadonlyMap<string, number>
  readonly issued: ReadonlyMap<string, number>
}

/** Takes a snapshot; undefined if the truth changed during the scrape. */
export async function takeSnapshot(
  watch: Svidwatch,
  kubeletRoot: string,
  running: readonly FleetPod[],
): Promise<Snapshot | undefined> {
  const truth = async () => ({
    mounted: await mountedTruth(kubeletRoot, running),
    issued: (await issuedTruth()).notAfter,
  })
  const before = await truth()
  const text = await watch.scrape()
  const atMs = Date.now()
  const after = await truth()
  const asText = ({ mounted, issued }: typeof before) => JSON.stringify([...mounted, ...issued])
  return asText(before) === asText(after) ? { text, atMs, ...after } : undefined
}

/** Returns the seconds left of a pod's copy, the true value and the values that svidwatch reports. */
export function secondsLeft({ text, atMs, ...truth }: Snapshot, pod: FleetPod, copy: 'mounted' | 'issued') {
  const reported = samplesIn(text, 'spire_svid_expiry_seconds').filter(
    ({ labels }) => labels.pod === pod.name && labels.namespace === pod.namespace && labels.copy === copy,
  )
  return { reported: reported.map(({ value }) => value), truth: ((truth[copy].get(pod.uid) ?? NaN) - atMs) / 1000 }
}

/** Returns a line for each copy of these pods that is not reported as one series within a second of the truth. */
export function wrongSeries(snapshot: Snapshot, pods: readonly FleetPod[]): readonly string[] {
  return pods.flatMap((pod) =>
    (['mounted', 'issued'] as const).flatMap((copy) => {
      const { reported, truth } = secondsLeft(snapshot, pod, copy)
      const right = reported.length === 1 && Math.abs((reported[0] ?? NaN) - truth) < 1
      return right ? [] : [`${copy} ${pod.namespace}/${pod.name}: ${reported.join(', ')} instead of ${truth}`]
    }),
  )
}
