import type { Figure } from '../figure.ts'
import { probe } from '../probe.ts'
import type { PromClientCost } from '../probes/promClient.ts'
import type { ScrapeCost } from '../probes/scrape.ts'
import type { Task } from './measurement.ts'

/** Each workload has five series for the issued copy of its SVID, and five for the mounted one. */
const seriesPerWorkload = 10

/** A scrape of `size` per-identity series, and prom-client's of the same ones. */
export async function measureScrape({ size, profileInto }: Task): Promise<readonly Figure[]> {
  const workloads = size / seriesPerWorkload
  const { result: ours } = await probe<ScrapeCost>('scrape.ts', [workloads], profileInto)
  const { result: anchor } = await probe<PromClientCost>('promClient.ts', [workloads])
  if (anchor.series !== size) throw new Error(`${workloads} workloads have ${anchor.series} series, and not ${size}`)
  const promClient = { name: 'prom-client', measured: anchor.plainMs, goalRatio: 0.1 }
  const common = { unit: 'ms', goal: 60, of: 'all' } as const
  return [
    { ...common, name: 'scrape of per-identity series', measured: ours.plainMs, anchor: promClient },
    { ...common, name: 'the same, compressed, in the main thread', measured: ours.gzipMs },
  ]
}
