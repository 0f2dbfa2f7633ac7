import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { rotationIds, traceIdOf } from '../../src/traces/ids.ts'
import { Program } from '../notifications/support/program.ts'
import { isThere, Jaeger, tagOf, type JaegerSpan } from './support/jaeger.ts'
import { Relay } from './support/relay.ts'
import { testRotations } from './support/rotationTests.ts'
import { TracedCluster } from './support/tracedCluster.ts'

/** How many rotations are compared at least. */
const rotations = Number(process.env['SVIDWATCH_TEST_ROTATIONS'] ?? 200)
const openMetrics = 'application/openmetrics-text;version=1.0.0'
/** A Python with prometheus_client. */
const python = process.env['SVIDWATCH_TEST_PYTHON'] ?? 'python3'

/** A request that ended this long before the end of the observation must have its trace, with its mount. */
const settleMs = 10_000

const hasParser = await hasPrometheusClient()

describe.skipIf(!isThere('jaeger'))('traces in a real Jaeger', () => {
  const started = new AsyncDisposableStack()
  const watched = new AbortController()
  let jaeger: Jaeger
  let relay: Relay
  let cluster: TracedCluster
  let observing: Promise<void>
  /** The traces of the requests that ended early enough, by the uid of the request. */
  const traces = new Map<string, readonly JaegerSpan[]>()

  beforeAll(async () => {
    jaeger = started.use(await Jaeger.start())
    relay = started.use(await Relay.start(jaeger.otlp))
    cluster = started.use(await TracedCluster.start({ otlp: relay.url, pods: 60, denied: 3, lifetimeMs: 40_000 }))
    await cluster.startSvidwatch()
    observing = cluster.observe(watched.signal)
    await jaeger.until('the first requests', 10, () => Promise.resolve(cluster.ended.size > 0))
    await clock.sleep(settleMs)
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const before = cluster.ended.size
      await jaeger.until('a quarter of the rotations', 300, () =>
        Promise.resolve(cluster.ended.size >= before + rotations / 4),
      )
      await cluster.endSvidwatch(signal)
      await cluster.startSvidwatch()
    }
    await jaeger.until('all rotations', 300, () => Promise.resolve(cluster.ended.size >= rotations * 1.25))
    const untilMs = clock.now() - settleMs
    await clock.sleep(settleMs)
    for (const { uid, concludedMs = Infinity } of cluster.ended.values()) {
      if (concludedMs > untilMs) continue
      traces.set(uid, await jaeger.spansOf(rotationIds(uid).traceId))
    }
  }, 900_000)

  afterAll(async () => {
    watched.abort()
    await observing
    await started.disposeAsync()
  })

  const named = (uid: string, name: string) =>
    traces.get(uid)?.filter(({ operationName }) => operationName === name) ?? []

  testRotations(() => ({ atLeast: rotations, ended: cluster.ended, traces, relay }))

  it('of denials say what was refused', () => {
    const denied = [...traces.keys()].filter((uid) => cluster.ended.get(uid)?.state === 'denied')
    expect(denied.length).toBeGreaterThan(0)
    for (const uid of denied) {
      const [root] = named(uid, 'svid.rotation')
      expect(
        root && [tagOf(root, 'svidwatch.result'), tagOf(root, 'error.type'), tagOf(root, 'otel.status_code')],
      ).toEqual(['denied', 'denied_spiffe_id', 'ERROR'])
    }
    expect(traceIdOf('rotation', denied[0] ?? '')).toBe(named(denied[0] ?? '', 'svid.rotation')[0]?.traceID)
  })

  it('account for every span that was made', async () => {
    const text = await cluster.metrics()
    const value = (line: string) => Number(line.split(' ').at(-1))
    const lines = (name: string) => text.split('\n').filter((line) => line.startsWith(name))
    const [offered = ''] = lines('svidwatch_trace_spans_offered_total')
    const [queued = ''] = lines('svidwatch_trace_spans_queued')
    const outcomes = lines('svidwatch_trace_spans_total{').reduce((sum, line) => sum + value(line), 0)
    expect(value(offered)).toBe(outcomes + value(queued))
    expect(lines('svidwatch_trace_spans_total{outcome="exported"}').map(value)[0]).toBeGreaterThan(0)
  })

  it('are what exemplars refer to', async () => {
    const ids = traceIdsIn(await cluster.metrics(openMetrics))
    expect(ids.size).toBeGreaterThan(0)
    await jaeger.until('every trace that an exemplar refers to', 10, async () => {
      const found = await Promise.all([...ids].map((id) => jaeger.spansOf(id)))
      return found.every((spans) => spans.length > 0)
    })
  })

  it.skipIf(!hasParser)('are referred to in a way that a strict parser accepts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'traces-test-'))
    started.defer(() => rm(folder, { recursive: true }))
    const text = await cluster.metrics(openMetrics)
    await writeFile(join(folder, 'metrics'), text)
    const { stdout } = await promisify(execFile)(python, ['-c', countExemplars, join(folder, 'metrics')])
    expect(Number(stdout)).toBe([...text.matchAll(/ # \{/g)].length)
  })

  it.skipIf(!isThere('prometheus'))(
    'are found by the exemplars that a real Prometheus stores',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'traces-test-'))
      started.defer(() => rm(folder, { recursive: true, force: true }))
      const config = join(folder, 'prometheus.yaml')
      const scrape = {
        job_name: 'svidwatch',
        honor_labels: true,
        static_configs: [{ targets: [new URL(cluster.url).host] }],
      }
      await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }))
      const prometheus = await Program.start({
        program: 'prometheus',
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          '--web.listen-address=127.0.0.1:0',
          '--enable-feature=exemplar-storage',
        ],
        said: /msg="Listening on".* address=(\S+)/,
      })
      started.use(prometheus)
      const stored = () => exemplarsIn(prometheus.said)
      await jaeger.until(
        'exemplars of counters and histograms',
        60,
        async () => new Set((await stored()).map(({ name }) => name)).size >= 3,
      )
      const exemplars = await stored()
      await jaeger.until('every trace that they refer to', 15, async () => {
        const found = await Promise.all(exemplars.map(({ traceId }) => jaeger.spansOf(traceId)))
        return found.every((spans) => spans.length > 0)
      })
      process.stdout.write(`${exemplars.length} exemplars stored by Prometheus\n`)
    },
    120_000,
  )
})

const traceIdsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/ # \{trace_id="([0-9a-f]{32})"/g)].map(([, id = '']) => id))

/** Prints how many exemplars the OpenMetrics parser of prometheus_client finds in a file. */
const countExemplars = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1]).read()
print(sum(1 for f in text_string_to_metric_families(text) for s in f.samples if s.exemplar))
`

async function hasPrometheusClient(): Promise<boolean> {
  try {
    await promisify(execFile)(python, ['-c', 'import prometheus_client'])
    return true
  } catch {
    return false
  }
}

async function exemplarsIn(
  prometheus: string,
): Promise<readonly { readonly name: string; readonly traceId: string }[]> {
  const query = new URLSearchParams({
    query: '{__name__=~"spire_.*|spiffe_.*"}',
    start: String(clock.now() / 1000 - 600),
    end: String(clock.now() / 1000 + 10),
  })
  const answer = await fetch(`http://${prometheus}/api/v1/query_exemplars?${query.toString()}`)
  if (!answer.ok) return []
  const { data } = (await answer.json()) as {
    data: { seriesLabels: Record<string, string>; exemplars: { labels: Record<string, string> }[] }[]
  }
  return data.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map(({ labels }) => ({ name: seriesLabels['__name__'] ?? '', traceId: labels['trace_id'] ?? '' })),
  )
}
