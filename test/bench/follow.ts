import { systemClock as clock } from '../../src/clock.ts'
import { heard } from './childProcess.ts'
import { scrapeOver } from './httpScrape.ts'
import { endProbe, startProbe } from './probe.ts'
import type { Followed } from './probes/events.ts'
import type { Renewing, Written } from './renewals.ts'
import type { SimulatedApi } from './simulatedApi.ts'

export interface FollowOptions {
  readonly renewing: Renewing
  /** How often it is scraped meanwhile. */
  readonly scrapeEveryMs?: number
  readonly profileInto?: string | undefined
}

/** Lets svidwatch follow the renewals of an API server: what was written, and what it saw. */
export async function follow(
  api: SimulatedApi,
  { renewing, scrapeEveryMs, profileInto }: FollowOptions,
): Promise<Followed & { readonly written: readonly Written[] }> {
  const child = startProbe('events.ts', [api.kubeconfig], profileInto)
  const { url } = await heard<{ url: string }>(child)
  const finished = new AbortController()
  const scraping = scrapeEveryMs === undefined ? undefined : scrapeUntil(url, scrapeEveryMs, finished.signal)
  const written = await api.renew(renewing)
  child.send({ until: Number(written.at(-1)?.[0]) })
  const followed = await heard<Followed>(child)
  finished.abort()
  await scraping
  await endProbe(child)
  return { ...followed, written }
}

async function scrapeUntil(url: string, everyMs: number, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await clock.sleep(everyMs, signal)) await scrapeOver(url, 'gzip')
}

/** For each event, from when the API server wrote it until the ledger had taken it in, or something newer; ascending, in ms. */
export function latenciesMs({ seen, written }: Awaited<ReturnType<typeof follow>>): readonly number[] {
  let next = 0
  return written
    .map(([resourceVersion, writtenMs]) => {
      while ((seen[next]?.[0] ?? Infinity) < Number(resourceVersion)) next += 1
      return (seen[next]?.[1] ?? NaN) - writtenMs
    })
    .toSorted((one, other) => one - other)
}

/** The smallest value that so large a share of ascending values does not exceed. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.ceil(ascending.length * share) - 1] ?? NaN
}
