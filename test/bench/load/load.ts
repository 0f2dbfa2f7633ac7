/**
 * `npm run bench:load -- --requests 100000 --rate 500 --minutes 10`: svidwatch over a real API server, the one that KUBECONFIG
 * names. It needs the CertificateRequest resource, and is meant for a control plane without controllers: they would remove pods
 * on nodes that do not exist. svidwatch has the memory that the chart gives it in a cluster of the size. What it makes is in namespaces of its own, and is removed in the end (docs/performance.md, where
 * `--write` puts the figures).
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock as clock } from '../../../src/clock.ts'
import { createClient } from '../../../src/kubernetes/client.ts'
import { percentile } from '../follow.ts'
import { scrapeOver } from '../httpScrape.ts'
import { usageOf } from '../processUsage.ts'
import { createMemoryCgroup } from '../../support/memoryCgroup.ts'
import { bytesOf } from '../../support/shippedContainer.ts'
import { sizes, v8FlagsOf, type Size } from '../../support/sizes.ts'
import { programFile, startProgram, type Program } from '../program.ts'
import { writePart } from '../writePart.ts'
import { inParallel } from './inParallel.ts'
import { LoadedCluster, writesPerRenewal } from './loadedCluster.ts'
import { sampleMarkers } from './marker.ts'
import { pace } from './pace.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    /** Writes in a second; each is one watch event. */
    rate: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '10' },
    size: { type: 'string', default: 'large' },
    /** Puts the figures into docs/performance.md. */
    write: { type: 'boolean', default: false },
  },
})
const requests = Number(values.requests)
const perSecond = Number(values.rate)
const seconds = Number(values.minutes) * 60
const size = sizes[values.size]
if (size === undefined) throw new Error(`--size ${values.size}: there are ${Object.keys(sizes).join(', ')}`)

const markerCount = 20
const markerEveryMs = 200
const scrapeEveryMs = 5_000
const atOnce = 64
const scrapesAtRest = 5

const figures: [name: string, value: string][] = []
const tell = (name: string, value: string) => figures.push([name, value])
const say = (text: string) => process.stderr.write(`${text}\n`)
const page = join(import.meta.dirname, '../../../docs/performance.md')
const table = (rows: typeof figures) =>
  [['figure', 'measured'], ['---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
const ms = (value: number) => `${value.toFixed(0)} ms`
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

const client = createClient({ clock })
const cluster = new LoadedCluster(client, clock)
/** The markers' numbers come behind those of the load. */
const markers = Array.from({ length: markerCount }, (_, index) => requests + index)

async function fill(): Promise<void> {
  await cluster.createNamespaces()
  const progress = new Progress(clock, 'created', requests)
  const add = (index: number) => () => cluster.add(index).then(() => progress.step())
  // The first answer tells whether a status is written apart.
  await cluster.add(requests, cluster.markerNamespace)
  await inParallel(
    atOnce,
    markers.slice(1).map((marker) => () => cluster.add(marker, cluster.markerNamespace)),
  )
  await inParallel(atOnce, Iterator.from(Array(requests).keys()).map(add))
}

async function atRest(program: Program): Promise<void> {
  await program.ready()
  tell('from its start until it is ready', `${((clock.now() - program.startedMs) / 1000).toFixed(1)} s`)
  const { rssBytes, cpuSeconds } = usageOf(program.pid)
  tell('CPU time until then', `${cpuSeconds.toFixed(1)} s`)
  tell('RSS then', mb(rssBytes))
  for (const encoding of ['identity', 'gzip'] as const) {
    const scrapes = []
    for (let count = 0; count < scrapesAtRest; count += 1) scrapes.push(await scrapeOver(program.url, encoding))
    const elapsed = scrapes.map(({ elapsedMs }) => elapsedMs).toSorted((one, other) => one - other)
    tell(
      encoding === 'gzip' ? 'a scrape, compressed' : 'a scrape',
      `${((scrapes[0]?.bytes ?? 0) / 1e6).toFixed(1)} MB, ${ms(elapsed[0] ?? NaN)} to ${ms(percentile(elapsed, 1))}`,
    )
  }
  tell('RSS after the scrapes', mb(usageOf(program.pid).rssBytes))
}

async function underLoad({ url, pid }: Program): Promise<void> {
  const before = usageOf(pid)
  const finished = new AbortController()
  const { signal } = finished
  const renewals = perSecond / writesPerRenewal
  const progress = new Progress(clock, 'renewed', renewals * seconds)
  const sinceMs = clock.now()
  const renewing = pace({ clock, perSecond: renewals, seconds, atOnce }, (count) =>
    cluster.renew(count % requests).then(() => progress.step()),
  ).finally(() => finished.abort())
  const [{ done, elapsedMs }, samples, scrapes] = await Promise.all([
    renewing.then((count) => ({ done: count, elapsedMs: clock.now() - sinceMs })),
    sampleMarkers({ clock, cluster, url, markers, everyMs: markerEveryMs, signal }),
    scrapeUntil(url, signal),
  ])
  const after = usageOf(pid)
  const late = samples.map(({ lateMs }) => lateMs).toSorted((one, other) => one - other)
  const answers = samples.map(({ answerMs }) => answerMs).toSorted((one, other) => one - other)
  tell(
    'writes',
    `${((done * writesPerRenewal * 1000) / elapsedMs).toFixed(0)}/s for ${(elapsedMs / 1000).toFixed(0)} s`,
  )
  tell('acknowledged to shown, samples', String(samples.length))
  for (const share of [0.5, 0.99, 1])
    tell(`acknowledged to shown, ${share === 1 ? 'at most' : `p${share * 100}`}`, ms(percentile(late, share)))
  tell(
    'resolution: the answer that shows it, p50, p99',
    `${ms(percentile(answers, 0.5))}, ${ms(percentile(answers, 0.99))}`,
  )
  tell('a scrape meanwhile, compressed, at most', ms(Math.max(...scrapes)))
  tell('CPU meanwhile', `${(((after.cpuSeconds - before.cpuSeconds) / elapsedMs) * 100_000).toFixed(0)} % of a core`)
  tell('RSS after it', mb(after.rssBytes))
  tell('RSS at its peak', mb(after.peakRssBytes))
}

async function scrapeUntil(url: string, signal: AbortSignal): Promise<readonly number[]> {
  const elapsed: number[] = []
  for (; !signal.aborted; await clock.sleep(scrapeEveryMs, signal))
    elapsed.push((await scrapeOver(url, 'gzip')).elapsedMs)
  return elapsed
}

async function measure(size: Size): Promise<void> {
  const cgroup = createMemoryCgroup(`svidwatch-load-${process.pid}`, bytesOf(size.limit))
  if ('problems' in cgroup) throw new Error(`no memory cgroup can be made: ${cgroup.problems}`)
  say(`filling ${client.describe()} ...`)
  await fill()
  say(`starting ${programFile} ...`)
  const kubeconfig = process.env.KUBECONFIG
  const program = await startProgram({
    clock,
    role: 'cluster',
    settings: kubeconfig ? { kubernetes: { kubeconfig } } : {},
    cgroupProcs: cgroup.procs,
    v8Flags: v8FlagsOf(size),
  })
  try {
    await atRest(program)
    say(`renewing for ${values.minutes} minutes ...`)
    await underLoad(program)
  } finally {
    await program.stop()
    cgroup.remove()
  }
}

tell('CertificateRequests, each with its pod', requests.toLocaleString('en'))
const measuring = measure(size)
try {
  const isWhole = await Promise.race([measuring.then(() => true), once(process, 'SIGINT').then(() => false)])
  for (const [name, value] of figures) process.stdout.write(`${name.padEnd(50)}${value}\n`)
  if (values.write && isWhole) await writePart(page, table(figures), 'load')
} finally {
  say('removing what it has made ...')
  cluster.stop()
  await Promise.allSettled([measuring])
  await cluster.remove()
  client.close()
}
process.exit()
