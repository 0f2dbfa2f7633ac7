/**
 * One run of `npm run bench:traces`, in a process of its own: rotations at a steady pace, reported to a ledger that is scraped, with
 * or without traces. Its argument is a JSON of `RunOptions`; it prints a JSON of `RunResult`.
 */
import { startTraces } from '../../../src/app/traces.ts'
import { systemClock as clock } from '../../../src/clock.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import { volumeHash } from '../../../src/identity/volumeHash.ts'
import { createLog } from '../../../src/log/log.ts'
import { createMetrics } from '../../../src/metrics/scrape.ts'
import { realFiles } from '../../support/realFiles.ts'

export interface RunOptions {
  /** The URL of the collector; undefined: without traces. */
  readonly endpoint?: string
  readonly perSecond: number
  readonly seconds: number
  /** How long the process then waits until nothing is queued any more. */
  readonly emptySeconds: number
}

interface Distribution {
  readonly median: number
  readonly p99: number
}

export interface RunResult {
  readonly cpuMs: number
  readonly rssMiB: number
  readonly peakMiB: number
  /** How long an event takes in the process, ms: a change of a request, and one of a file, with which a rotation ends. */
  readonly requestMs: Distribution
  readonly fileMs: Distribution
  readonly scrapeMs: number
  readonly spans?: {
    readonly offered: number
    readonly queued: number
    readonly outcomes: Readonly<Record<string, number>>
  }
}

const pods = 2_000
const scrapeEveryMs = 5_000
const uidOf = (pod: number) => `pod-${pod}`
const base = { namespace: 'team', issuer: 'ClusterIssuer/spiffe-ca', annotationLies: false, trustDomain: 'example.org' }

function podsAndNodes(): Observation[] {
  const all = Array.from({ length: pods }, (_, index): Observation => {
    const volumes = [{ name: 'spiffe', driver: 'spiffe.csi.cert-manager.io' }]
    const pod = { uid: uidOf(index), namespace: 'team', name: uidOf(index), node: `node-${index % 20}`, ended: false }
    return { kind: 'pod', pod: { ...pod, volumes, needs: [], posture: [] } }
  })
  const seen = Array.from({ length: 20 }, (_, index): Observation => ({ kind: 'nodeContact', node: `node-${index}` }))
  const listed = (source: 'pods' | 'certificateRequests', objects: Observation[]): Observation[] => [
    { kind: 'listing', source },
    ...objects,
    { kind: 'listed', source, resourceVersion: '1' },
  ]
  return [...listed('pods', all), ...listed('certificateRequests', []), ...seen]
}

/** The events of one rotation: the request is created, approved, issued and mounted, and the one before it is deleted. */
function rotation(count: number, nowMs: number): Observation[] {
  const pod = count % pods
  const podUid = uidOf(pod)
  const spiffeId = `spiffe://example.org/ns/team/sa/${podUid}`
  const createdMs = Math.floor(nowMs / 1000) * 1000
  const notAfterMs = nowMs + 3_600_000
  const svid = { spiffeId, trustDomain: 'example.org', notBeforeMs: nowMs, notAfterMs, fingerprint: `${count}` }
  const uid = `request-${count}`
  const owner = { podUid, podName: podUid }
  const request = { ...base, uid, name: uid, createdMs, spiffeId, owner, volumeHash: volumeHash(podUid, 'spiffe') }
  const step = (version: number, more: object): Observation =>
    ({
      kind: 'request',
      change: version === 0 ? 'added' : 'modified',
      listed: false,
      request: { ...request, resourceVersion: String(10 + count * 4 + version), ...more },
    }) as Observation
  const mounted = { podUid, volume: 'spiffe', reading: { svid }, writtenMs: nowMs, mountBirthMs: 0 }
  return [
    { kind: 'requestDeleted', uid: `request-${count - pods}`, resourceVersion: String(9 + count * 4) },
    step(0, { state: 'pending', reason: 'awaiting_approval' }),
    step(1, { state: 'approved', reason: 'awaiting_issuer', approvedMs: createdMs }),
    step(2, { state: 'issued', reason: '', approvedMs: createdMs, concludedMs: createdMs, svid }),
    { kind: 'mounted', node: `node-${pod % 20}`, mounted },
  ]
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? NaN
const distributionOf = (values: readonly number[]): Distribution => ({
  median: percentile(values, 0.5),
  p99: percentile(values, 0.99),
})
const rssMiB = () => process.memoryUsage.rss() / 2 ** 20

async function run({ endpoint, perSecond, seconds, emptySeconds }: RunOptions): Promise<RunResult> {
  const resolved = resolveConfig(
    JSON.stringify({ tracing: endpoint === undefined ? {} : { endpoint } }),
    'the settings',
  )
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const { config } = resolved
  const ledger = new Ledger({ clock, sources: sourceNames, maxIssuers: 10 })
  const diagnoses = new Diagnoses(ledger, clock)
  const log = createLog({ level: 'error', format: 'json', clock, destination: { write: () => undefined } })
  const traces = await startTraces(
    { config, env: {}, clock, files: realFiles, log, version: '0.0.0' },
    ledger,
    diagnoses,
  )
  const build = { version: '0.0.0', nodeVersion: process.version, roles: ['cluster'] as const }
  const counted = traces && { spans: traces.counts, exemplars: traces.exemplars }
  const limits = { maxSeries: 200_000 }
  const metrics = createMetrics({ ledger, diagnoses, clock, build, sources: sourceNames, limits, ...counted })
  podsAndNodes().forEach(ledger.report)

  const startedMs = clock.monotonicMs()
  const cpu = process.cpuUsage()
  const [requestsMs, filesMs, scrapesMs]: [number[], number[], number[]] = [[], [], []]
  let [done, peakMiB, nextScrapeMs] = [0, 0, startedMs + scrapeEveryMs]
  for (let nowMs = startedMs; nowMs < startedMs + seconds * 1000; nowMs = clock.monotonicMs()) {
    for (const due = ((nowMs - startedMs) / 1000) * perSecond; done < due; done += 1)
      for (const event of rotation(done, clock.now())) {
        const beganMs = clock.monotonicMs()
        ledger.report(event)
        const tookMs = clock.monotonicMs() - beganMs
        if (event.kind === 'request') requestsMs.push(tookMs)
        if (event.kind === 'mounted') filesMs.push(tookMs)
      }
    peakMiB = Math.max(peakMiB, rssMiB())
    if (nowMs >= nextScrapeMs) {
      nextScrapeMs += scrapeEveryMs
      const beganMs = clock.monotonicMs()
      await metrics.scrape('application/openmetrics-text;version=1.0.0')
      scrapesMs.push(clock.monotonicMs() - beganMs)
    }
    await clock.sleep(10)
  }
  const used = process.cpuUsage(cpu)
  const untilMs = clock.monotonicMs() + emptySeconds * 1000
  while (traces && traces.counts.queued > 0 && clock.monotonicMs() < untilMs) await clock.sleep(100)
  return {
    cpuMs: (used.user + used.system) / 1000,
    rssMiB: rssMiB(),
    peakMiB,
    requestMs: distributionOf(requestsMs),
    fileMs: distributionOf(filesMs),
    scrapeMs: percentile(scrapesMs, 0.5),
    ...(traces && { spans: traces.counts }),
  }
}

if (import.meta.main) {
  const { spans, ...result } = await run(JSON.parse(process.argv[2] ?? '') as RunOptions)
  const counts = spans && { offered: spans.offered, queued: spans.queued, outcomes: spans.outcomes }
  process.stdout.write(JSON.stringify({ ...result, ...(counts && { spans: counts }) }), () => process.exit(0))
}
