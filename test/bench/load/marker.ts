import type { Clock } from '../../../src/clock.ts'
import type { LoadedCluster } from './loadedCluster.ts'

export interface MarkerOptions {
  readonly clock: Clock
  readonly cluster: LoadedCluster
  /** Where svidwatch answers. */
  readonly url: string
  /** The numbers of the marker workloads. */
  readonly markers: readonly number[]
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** How late a renewal was to be seen, and how long the answer took that showed it: it may have been there so much earlier. */
export interface Sample {
  readonly lateMs: number
  readonly answerMs: number
}

/** Longer than that, and it is not late but lost. */
const lostMs = 60_000

/** Between two questions: to ask without a pause took a third of a core from those who are measured. */
const pauseMs = 20

/**
 * Renews one marker workload after the other, and asks /api/v1/svids for their namespace every few milliseconds, until it shows
 * the new certificate. Nothing is asked while nothing is awaited, and the markers are few: what is measured is disturbed little.
 */
export async function sampleMarkers(options: MarkerOptions): Promise<readonly Sample[]> {
  const { clock, cluster, markers, everyMs, signal } = options
  const samples: Sample[] = []
  for (let round = 0; !signal.aborted; round += 1) {
    const sinceMs = clock.now()
    await cluster.renew(markers[round % markers.length] ?? 0, async ({ fingerprint, atMs }) => {
      const { answerMs, shownMs } = await untilShown(options, fingerprint)
      samples.push({ lateMs: shownMs - atMs, answerMs })
    })
    await clock.sleep(Math.max(0, sinceMs + everyMs - clock.now()), signal)
  }
  return samples
}

async function untilShown({ clock, cluster, url }: MarkerOptions, fingerprint: string) {
  const query = `${url}/api/v1/svids?namespace=${cluster.markerNamespace}&copy=issued&limit=1000`
  const giveUpMs = clock.now() + lostMs
  while (clock.now() < giveUpMs) {
    const askedMs = clock.now()
    const { items } = (await (await fetch(query)).json()) as { items: { fingerprint: string }[] }
    const shownMs = clock.now()
    if (items.some((item) => item.fingerprint === fingerprint)) return { shownMs, answerMs: shownMs - askedMs }
    await clock.sleep(pauseMs)
  }
  throw new Error(`svidwatch has not shown certificate ${fingerprint} ${lostMs / 1000} s after it was issued`)
}
