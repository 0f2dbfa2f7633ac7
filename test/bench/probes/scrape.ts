/** `scrape.ts WORKLOADS`: what a scrape costs the thread that serves, as text and compressed. */
import { systemClock as clock } from '../../../src/clock.ts'
import { decompressed } from '../../../src/metrics/compress.ts'
import { threadCostMs } from '../cost.ts'
import { metricsOf } from '../expositions.ts'
import { createObservedLedger } from '../observedLedger.ts'
import { tell } from '../probe.ts'

export interface ScrapeCost {
  readonly plainMs: number
  readonly gzipMs: number
}

const metrics = metricsOf(await createObservedLedger(clock, Number(process.argv[2])), clock)
const plainMs = await threadCostMs(async () => {
  const { body } = await metrics.scrape(undefined)
  await Array.fromAsync(decompressed(body), ({ length }) => length)
})
const gzipMs = await threadCostMs(() => metrics.scrape(undefined))
tell({ plainMs, gzipMs } satisfies ScrapeCost)
