import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { writeFindingsKeys, nodeRoleService } from '../../../src/world/nodeRoles.ts'
import type { PodPlan } from '../../../src/world/population.ts'
import { startCollector, type Collector, type ReceivedSpan } from '../../support/collector.ts'
import { metricsOf, runningApp, values, type LogLine } from '../../support/runningApp.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

/** The cluster role and a node role over a world, with traces to a collector. */
async function tracedWorld(pods: readonly Partial<PodPlan>[], collector: Pick<Collector, 'url'>, settings = {}) {
  const onHold = await worldOnHold(pods)
  const { world, clock, kubeletRoot } = onHold
  const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
  const { url: nodeUrl } = await runningApp(
    ['node'],
    { mountedSvids: { kubeletRoot }, nodeFindings: { publicKeys, nodeName: 'node-1' } },
    { clock },
  )
  world.addNodeRole('node-1', nodeUrl)
  const service = `${nodeRoleService.namespace}/${nodeRoleService.name}`
  const start = (logged: LogLine[] = []) =>
    runningApp(
      ['cluster'],
      { nodeFindings: { service, signingKey }, tracing: { endpoint: collector.url, ...settings } },
      { clock, client: createClientFromText(world.api.kubeconfig, clock), env: { OTEL_BSP_SCHEDULE_DELAY: '1000' } },
      logged,
    )
  return { ...onHold, start }
}

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name)
const valueOf = ({ attributes }: ReceivedSpan, key: string) =>
  Object.values(attributes.find((attribute) => attribute.key === key)?.value ?? {})[0]

it('a renewal becomes one trace to its file, which the counters refer to, and a restart tells the same again', async () => {
  const collector = await startCollector()
  const { until, pod, start } = await tracedWorld([{}], collector)
  const app = await start()
  await until(() => expect(named(collector.spans(), 'svid.mount').length).toBeGreaterThan(0))

  const [mount] = named(collector.spans(), 'svid.mount')
  const trace = collector.spans().filter(({ traceId }) => traceId === mount?.traceId)
  expect(trace.map(({ name }) => name)).toEqual(['svid.rotation', 'svid.approval', 'svid.issuance', 'svid.mount'])
  const { newestRequest, workload } = await pod()
  expect(trace[0] && valueOf(trace[0], 'svidwatch.request.name')).toBe(newestRequest?.name)
  expect(trace[0] && valueOf(trace[0], 'k8s.pod.uid')).toBe(workload.podUid)

  const headers = { accept: 'application/openmetrics-text;version=1.0.0' }
  await until(async () => {
    const openMetrics = await (await fetch(`${app.url}/metrics`, { headers })).text()
    const referred = [...openMetrics.matchAll(/trace_id="([0-9a-f]+)",span_id="([0-9a-f]+)"/g)]
    expect(referred.length).toBeGreaterThan(0)
    const roots = named(collector.spans(), 'svid.rotation').map(({ traceId, spanId }) => `${traceId} ${spanId}`)
    for (const [, traceId = '', spanId = ''] of referred) expect(roots).toContain(`${traceId} ${spanId}`)
  })
  const text = await metricsOf(app)
  const [offered] = values(text, 'svidwatch_trace_spans_offered_total')
  const outcomes = values(text, 'svidwatch_trace_spans_total')
  const [queued = 0] = values(text, 'svidwatch_trace_spans_queued')
  expect(outcomes.reduce((sum, one) => sum + one, queued)).toBe(offered)

  await app.close()
  const last = named(collector.spans(), 'svid.mount').at(-1)?.traceId
  const ofLast = () => collector.spans().filter(({ traceId }) => traceId === last)
  const before = ofLast()
  collector.batches.length = 0
  await start()
  await until(() => expect(ofLast().map(({ name }) => name)).toEqual(before.map(({ name }) => name)))
  // The files of this world are written in real time, which is not that of its clock, so that the time of the mount is not known.
  expect(ofLast().slice(0, 3)).toEqual(before.slice(0, 3))
})

it('a denial is sent although sampling leaves everything else out', async () => {
  const collector = await startCollector()
  const { until, start } = await tracedWorld([{}, { name: 'intruder', fate: 'denied' }], collector, { sampleRatio: 0 })
  const app = await start()
  await until(async () => {
    expect(named(collector.spans(), 'svid.rotation').length).toBeGreaterThan(0)
    expect(values(await metricsOf(app), 'svidwatch_trace_spans_total', 'unsampled')[0]).toBeGreaterThan(0)
  })
  const results = named(collector.spans(), 'svid.rotation').map((span) => valueOf(span, 'svidwatch.result'))
  expect(new Set(results)).toEqual(new Set(['denied']))
})

it('the log says once that the collector refuses spans, and once that it takes them again', async () => {
  const collector = await startCollector()
  const takesSpans = collector.answer
  collector.answer = (response) => response.writeHead(400, 'Bad Request').end()
  const logged: LogLine[] = []
  const { until, start } = await tracedWorld([{ name: 'cart-0' }, { name: 'cart-1' }], collector)
  await start(logged)
  const lines = () =>
    logged.filter(({ event }) => event.startsWith('traces_')).map(({ level, message }) => `${level} ${message}`)
  const refused = 'warn traces: spans cannot be sent: HTTP status 400 Bad Request'
  await until(() => expect(lines()).toEqual([refused]))
  collector.answer = takesSpans
  await until(() => expect(lines()).toEqual([refused, 'info traces: the collector takes spans again']))
})

it('headers for the collector come from a file, and the log says why it cannot be read', async () => {
  const collector = await startCollector()
  const folder = await mkdtemp(join(tmpdir(), 'traces-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const headersFile = join(folder, 'headers')
  const logged: LogLine[] = []
  const { until, start } = await tracedWorld([{ name: 'cart-0' }, { name: 'cart-1' }], collector, { headersFile })
  await start(logged)
  await until(() => expect(collector.headers.length).toBeGreaterThan(0))
  expect(logged.filter(({ event }) => event === 'traces_headers').map(({ message }) => message)).toEqual([
    expect.stringContaining(`cannot read the headers in ${headersFile}: `),
  ])
  await writeFile(headersFile, 'Authorization: Bearer one\n\nnot a header\nX-Tenant:blue\n')
  await until(() => expect(collector.headers.at(-1)).toMatchObject({ authorization: 'Bearer one', 'x-tenant': 'blue' }))
})

it('no code for traces is loaded without an endpoint', async () => {
  const loaded = vi.fn()
  vi.doMock('../../../src/traces/tracing.ts', loaded)
  onTestFinished(() => vi.doUnmock('../../../src/traces/tracing.ts'))
  const { world, clock } = await worldOnHold([{}])
  const app = await runningApp(['cluster'], {}, { clock, client: createClientFromText(world.api.kubeconfig, clock) })
  expect(await metricsOf(app)).not.toContain('svidwatch_trace_')
  expect(loaded).not.toHaveBeenCalled()
})
