/**
 * `judging.ts WORKLOADS`: what it costs the thread to judge all workloads, how long judging holds the event loop at most, and what
 * the diagnoses retain: while all is well, and while nothing has been issued for so long that every renewal was missed.
 */
import { systemClock } from '../../../src/clock.ts'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { projectRequest } from '../../../src/sources/certificateRequests/projection.ts'
import { threadCostMs } from '../cost.ts'
import { createObservedLedger } from '../observedLedger.ts'
import { tell } from '../probe.ts'
import { aliveBytes } from '../retained.ts'
import { begin, end } from '../turns/recorder.ts'
import { Requests, workloadOf } from '../workloads.ts'

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
/** More than what is left of every SVID. */
const outageMs = 24 * 3_600_000

const ahead = { ms: 0 }
const clock = { ...systemClock, now: () => systemClock.now() + ahead.ms }

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

/** Every workload asks for its next SVID, and its request waits. */
async function letAllWait(ledger: Ledger): Promise<void> {
  const requests = await Requests.create(clock.now())
  for (let index = 0; index < workloads; index += 1) {
    const pending = requests.pending(workloadOf(index), clock.now())
    const metadata = { ...pending.metadata, uid: pending.metadata.name, resourceVersion: String(workloads + index) }
    const request = projectRequest({ ...pending, metadata })?.request
    if (request === undefined) throw new Error('a CertificateRequest is not understood')
    ledger.report({ kind: 'request', change: 'added', listed: false, request })
  }
}

const ledger = await createObservedLedger(clock, workloads)
const diagnoses = new Diagnoses(ledger, clock)
const healthy = await costOf(diagnoses)
ahead.ms = outageMs
await letAllWait(ledger)
const before = aliveBytes()
await diagnoses.judge()
const bytes = aliveBytes() - before
const outage = await costOf(diagnoses)
tell({ healthy, outage, diagnoses: [...diagnoses.all()].length, bytes } satisfies Judging)
