import { systemClock as clock } from '../../../src/clock.ts'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { metricsOf } from '../expositions.ts'
import { usageOf } from '../processUsage.ts'
import { Exposition } from './exposition.ts'
import type { Measured } from './measured.ts'
import { readOwnMetrics, type Pass } from './ownMetrics.ts'
import type { Scene } from './scene.ts'
import { SceneCluster } from './sceneCluster.ts'
import { WatchingPrometheus } from './watchingPrometheus.ts'

export interface MeasureOptions {
  readonly workloads: number
  readonly minutes: number
  readonly rulesFile: string
  readonly say: (text: string) => void
}

const intervalSeconds = 15
/** How often Prometheus is looked at: several times in each interval, so that no evaluation is overlooked. */
const lookMs = 2000
/** How long the first scrape of all copies is waited for. */
const patienceMs = 120_000

/** Runs Prometheus over one scene, from the first scrape of all copies on. */
export async function measure(scene: Scene, options: MeasureOptions): Promise<Measured> {
  const { workloads, minutes, rulesFile, say } = options
  await using all = new AsyncDisposableStack()
  const cluster = await SceneCluster.create({ clock, workloads, scene })
  const finished = new AbortController()
  const diagnoses = new Diagnoses(cluster.ledger, clock)
  const running = Promise.all([cluster.run(finished.signal), diagnoses.run(finished.signal, fail)])
  all.defer(async () => {
    finished.abort()
    await running
  })
  const { address } = all.use(await Exposition.serve(metricsOf(cluster.ledger, clock, diagnoses)))
  const prometheus = all.use(await WatchingPrometheus.start({ target: address, rulesFile, intervalSeconds }))
  await untilComplete(prometheus, 2 * workloads)
  say(`  ${2 * workloads} copies are scraped; watching for ${minutes} minutes ...`)
  const watched = await watch(prometheus, minutes * 60_000)
  // The questions that follow take memory, so they come after it was measured.
  return { ...watched, ...(await askAtTheEnd(prometheus, watched.startSeconds)) }
}

function fail(error: unknown): never {
  throw error
}

async function untilComplete(prometheus: WatchingPrometheus, copies: number): Promise<void> {
  const endMs = clock.monotonicMs() + patienceMs
  for (;;) {
    const seen = (await prometheus.value('count(spiffe_svid_not_after_timestamp_seconds)')) ?? 0
    if (seen === copies) return
    if (clock.monotonicMs() > endMs) throw new Error(`Prometheus has ${seen} copies of SVIDs, and not ${copies}`)
    await clock.sleep(1000)
  }
}

type Watched = Pick<Measured, 'passes' | 'missedPasses' | 'rssBytes' | 'cpuShare' | 'waitedShare'> & {
  readonly startSeconds: number
}

async function watch(prometheus: WatchingPrometheus, forMs: number): Promise<Watched> {
  const startSeconds = clock.now() / 1000
  const startMs = clock.monotonicMs()
  const before = { ...readOwnMetrics(await prometheus.ownMetrics()), ...usageOf(prometheus.pid) }
  const passes = new Map<string, Pass>()
  let [rssBytes, missedPasses] = [0, 0]
  while (clock.monotonicMs() < startMs + forMs) {
    await clock.sleep(lookMs)
    const own = readOwnMetrics(await prometheus.ownMetrics())
    for (const pass of own.passes) if (endOf(pass) >= startSeconds) passes.set(`${pass.group} ${pass.atSeconds}`, pass)
    rssBytes = Math.max(rssBytes, usageOf(prometheus.pid).rssBytes)
    missedPasses = own.missedPasses - before.missedPasses
  }
  const usage = usageOf(prometheus.pid)
  const elapsedSeconds = (clock.monotonicMs() - startMs) / 1000
  const ended = [...passes.values()]
  const endless = before.passes.filter(({ group }) => !ended.some((pass) => pass.group === group))
  return {
    startSeconds,
    // No evaluation of such a group has ended meanwhile.
    passes: [...ended, ...endless.map(({ group }) => ({ group, atSeconds: startSeconds, seconds: Infinity }))],
    missedPasses,
    rssBytes,
    cpuShare: (usage.cpuSeconds - before.cpuSeconds) / elapsedSeconds,
    waitedShare: (usage.waitedSeconds - before.waitedSeconds) / elapsedSeconds,
  }
}

const endOf = ({ atSeconds, seconds }: Pass): number => atSeconds + seconds

async function askAtTheEnd(
  prometheus: WatchingPrometheus,
  startSeconds: number,
): Promise<Pick<Measured, 'heapBytes' | 'failedScrapes' | 'samplesInScrape' | 'firing' | 'endSeconds'>> {
  const endSeconds = Math.floor(clock.now() / 1000)
  const steps = Math.floor((endSeconds - startSeconds) / intervalSeconds)
  await prometheus.collectGarbage()
  const { heapBytes } = readOwnMetrics(await prometheus.ownMetrics())
  const firing = await prometheus.range(
    'count by (alertname, severity, issuer) (ALERTS{alertstate="firing"})',
    endSeconds - steps * intervalSeconds,
    endSeconds,
    intervalSeconds,
  )
  const failed = `sum(sum_over_time((1 - up{job="svidwatch"})[${steps * intervalSeconds}s:${intervalSeconds}s]))`
  const failedScrapes = await prometheus.value(failed)
  const samplesInScrape = await prometheus.value('sum(scrape_samples_scraped{job="svidwatch"})')
  if (failedScrapes === undefined || samplesInScrape === undefined)
    throw new Error('Prometheus has no series about its scrapes of svidwatch')
  return { heapBytes, failedScrapes, samplesInScrape, firing, endSeconds }
}
