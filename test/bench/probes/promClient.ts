/** `promClient.ts WORKLOADS`: what prom-client's exposition of the same series costs, and how many these are. */
import { systemClock as clock } from '../../../src/clock.ts'
import { textFrom } from '../../support/exposition.ts'
import { threadCostMs } from '../cost.ts'
import { metricsOf, promClientWith } from '../expositions.ts'
import { createObservedLedger } from '../observedLedger.ts'
import { tell } from '../probe.ts'

export interface PromClientCost {
  readonly plainMs: number
  readonly series: number
}

const { registry, series } = await prepare()
global.gc?.()
tell({ plainMs: await threadCostMs(() => registry.metrics()), series } satisfies PromClientCost)

/** The ledger is gone when this returns. */
async function prepare() {
  const metrics = metricsOf(await createObservedLedger(clock, Number(process.argv[2])), clock)
  return promClientWith(await textFrom(metrics))
}
