/**
 * `watcher.ts TARGETS INTERVAL_MS PORT`: a process that watches so many pods as the cluster role does: it knows what was issued and
 * mounted, judges and is scraped. With a port, it also probes a server of each pod there. The CA in the environment variable
 * `BENCH_AUTHORITY` is trusted. Tells what that takes once everything has been probed twice.
 */
import { systemClock as clock } from '../../../src/clock.ts'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { caCertificatesOf } from '../../../src/identity/certificate.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { ProbedPods } from '../../../src/sources/servedSvids/probedPods.ts'
import { createServedSvids } from '../../../src/sources/servedSvids/servedSvids.ts'
import { realFiles } from '../../support/realFiles.ts'
import { metricsOf } from '../expositions.ts'
import { createObservedLedger, seeAll } from '../observedLedger.ts'
import { tell } from '../probe.ts'
import { usageOf } from '../processUsage.ts'
import { aliveBytes } from '../retained.ts'
import { workloadOf } from '../workloads.ts'

/** What a process takes while all of its targets are probed twice. */
export interface Watched {
  /** How often each outcome came. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly seconds: number
  readonly cpuSeconds: number
  /** The median and the most of its resident memory. */
  readonly medianBytes: number
  readonly mostBytes: number
  /** What is in use in the end, without garbage. */
  readonly aliveBytes: number
}

const [targets = 0, intervalMs = 0, port = 0] = process.argv.slice(2).map(Number)
const judgeEveryMs = 5_000
const scrapeEveryMs = 15_000

const ledger = await createObservedLedger(clock, targets, ['servedSvids'])
const diagnoses = new Diagnoses(ledger, clock)
const metrics = metricsOf(ledger, clock, diagnoses)
const ended = new AbortController()
const { signal } = ended

async function every(everyMs: number, work: () => unknown): Promise<void> {
  for (; !signal.aborted; await clock.sleep(everyMs, signal)) await work()
}

const outcomes: Record<string, number> = {}
function observed(observation: Observation): void {
  ledger.report(observation)
  if (observation.kind !== 'served') return
  const { result } = observation.served
  const outcome = 'svid' in result ? 'svid' : result.outcome
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

function probeAll(): void {
  const authorities = caCertificatesOf([process.env['BENCH_AUTHORITY'] ?? ''], 1)
  if ('problem' in authorities) throw new Error(authorities.detail)
  const pods = new ProbedPods()
  createServedSvids({
    ...{ clock, files: realFiles, pods, targets: [], intervalMs, timeoutMs: 5_000 },
    authoritiesOf: () => authorities,
  }).start(observed, signal)
  for (let index = 0; index < targets; index += 1) {
    const { podUid, namespace, pod } = workloadOf(index)
    const address = `127.1.${index >> 8}.${index & 255}`
    pods.seen(podUid, { where: `${namespace}/${pod}`, address, hostNetwork: false, ports: [port] })
  }
}

void every(judgeEveryMs, () => {
  seeAll(ledger, targets)
  return diagnoses.judge()
})
void every(scrapeEveryMs, () => metrics.scrape(undefined))
if (port > 0) probeAll()
await clock.sleep(1.1 * intervalMs)

for (const outcome of Object.keys(outcomes)) outcomes[outcome] = 0
const sizes: number[] = []
void every(500, () => sizes.push(usageOf(process.pid).rssBytes))
const { cpuSeconds } = usageOf(process.pid)
const startedMs = clock.monotonicMs()
await clock.sleep(2 * intervalMs)
const seconds = (clock.monotonicMs() - startedMs) / 1000
const usage = usageOf(process.pid)
ended.abort()
// What is under way ends first.
await clock.sleep(1000)
sizes.sort((one, other) => one - other)
tell({
  outcomes,
  seconds,
  cpuSeconds: usage.cpuSeconds - cpuSeconds,
  medianBytes: sizes[sizes.length >> 1] ?? 0,
  mostBytes: sizes.at(-1) ?? 0,
  aliveBytes: aliveBytes(),
} satisfies Watched)
process.once('disconnect', () => process.exit())
