/**
 * `judging.ts WORKLOADS`: what it costs the thread to judge all workloads, how long judging holds the event loop at most, and what
 * the diagnoses retain: while all is well, and while nothing has been issued for so long that every renewal was missed.
 */
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { threadCostMs } from '../cost.ts'
import { createObservedLedger, letAllWait } from '../observedLedger.ts'
import { outageClock } from '../outageClock.ts'
import { tell } from '../probe.ts'
import { aliveBytes } from '../retained.ts'
import { begin, end } from '../turns/recorder.ts'

/** What judging everything once costs. */
export interface JudgingCost {
  readonly ms: number
  /** The longest turn of the event loop in several runs, in processor time without garbage collection. */
  readonly longestMs: number
}

export interface Judging {
  readonly healthy: JudgingCost
  readonly outage: JudgingCost
  readonly diagnoses: number
  /** What the diagnoses of the outage retain. */
  readonly bytes: number
}

const workloads = Number(process.argv[2])
const repeats = 10

const { clock, setAhead } = outageClock()

async function costOf(diagnoses: Diagnoses): Promise<JudgingCost> {
  const ms = await threadCostMs(() => diagnoses.judge())
  let longestMs = 0
  for (let run = 0; run < repeats; run += 1) {
    await begin()
    await diagnoses.judge()
    const { ownMs } = await end()
    longestMs = Math.max(longestMs, ownMs)
  }
  return { ms, longestMs }
}

const ledger = await createObservedLedger(clock, workloads)
const diagnoses = new Diagnoses(ledger, clock)
const healthy = await costOf(diagnoses)
setAhead()
await letAllWait(ledger, clock, workloads)
const before = aliveBytes()
await diagnoses.judge()
const bytes = aliveBytes() - before
const outage = await costOf(diagnoses)
tell({ healthy, outage, diagnoses: [...diagnoses.all()].length, bytes } satisfies Judging)
