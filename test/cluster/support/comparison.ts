import { issuedTruth, mountedTruth, type FleetPod } from './fleet.ts'
import { samplesIn, type Svidwatch } from './svidwatch.ts'

/** What svidwatch said at a moment, and what was true then: ends of certificates by the pods' uids, ms since the Unix epoch. */
export interface Seen {
  readonly text: string
  readonly atMs: number
  readonly mounted: ReadonlyMap<string, number>
  readonly issued: ReadonlyMap<string, number>
}

/** The truth as of now, or undefined where it changed while svidwatch was asked. */
export async function look(
  watch: Svidwatch,
  kubeletRoot: string,
  running: readonly FleetPod[],
): Promise<Seen | undefined> {
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

/** Seconds left of a pod's copy, by what is true and by what svidwatch says. */
export function secondsLeft({ text, atMs, ...truth }: Seen, pod: FleetPod, copy: 'mounted' | 'issued') {
  const shown = samplesIn(text, 'spire_svid_expiry_seconds').filter(
    ({ labels }) => labels.pod === pod.name && labels.namespace === pod.namespace && labels.copy === copy,
  )
  return { shown: shown.map(({ value }) => value), truth: ((truth[copy].get(pod.uid) ?? NaN) - atMs) / 1000 }
}

/** What svidwatch says wrongly of these pods' copies, a line each: anything but one series within a second of the truth. */
export function wrongSeries(seen: Seen, pods: readonly FleetPod[]): readonly string[] {
  return pods.flatMap((pod) =>
    (['mounted', 'issued'] as const).flatMap((copy) => {
      const { shown, truth } = secondsLeft(seen, pod, copy)
      const right = shown.length === 1 && Math.abs((shown[0] ?? NaN) - truth) < 1
      return right ? [] : [`${copy} ${pod.namespace}/${pod.name}: ${shown.join(', ')} instead of ${truth}`]
    }),
  )
}
