/** `outage.ts WORKLOADS`: what memory the process has needed while all is well, and since every SVID has missed its renewal. */
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { metricsOf } from '../expositions.ts'
import { createObservedLedger, letAllWait, seeAll } from '../observedLedger.ts'
import { outageClock } from '../outageClock.ts'
import { tell } from '../probe.ts'
import { usageOf } from '../processUsage.ts'

/** The most memory until then, bytes, and the diagnoses in the end. */
export interface Outage {
  readonly healthyPeakBytes: number
  readonly peakBytes: number
  readonly diagnoses: number
}

const workloads = Number(process.argv[2])
const scrapes = 5

const { clock, setAhead } = outageClock()
const ledger = await createObservedLedger(clock, workloads)
const diagnoses = new Diagnoses(ledger, clock)
const metrics = metricsOf(ledger, clock, diagnoses)

async function judgeAndScrape(): Promise<number> {
  for (let count = 0; count < scrapes; count += 1) {
    await diagnoses.judge()
    await metrics.scrape(undefined)
  }
  return usageOf(process.pid).peakRssBytes
}

const healthyPeakBytes = await judgeAndScrape()
setAhead()
await letAllWait(ledger, clock, workloads)
seeAll(ledger, workloads)
const peakBytes = await judgeAndScrape()
tell({ healthyPeakBytes, peakBytes, diagnoses: [...diagnoses.all()].length } satisfies Outage)
