import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { describe, expect, it, vi } from 'vitest'
import { declarationOf, namesOf } from '../../../src/metrics/catalogue.ts'
import { gcKinds, processMetrics } from '../../../src/metrics/catalogue/process.ts'
import { measureProcess } from '../../../src/metrics/processReadings.ts'
import { metricsOver, samplesOf, scrapeText, textFrom } from '../../support/exposition.ts'

const run = promisify(execFile)
const names = namesOf(processMetrics)
const processReadings = measureProcess()
const metrics = metricsOver({}, { processReadings })
const valueIn = (text: string, sample: string) => {
  const line = text.split('\n').find((line) => line.startsWith(`${sample} `))
  return Number(line?.slice(sample.length))
}

/** Collects all garbage at once. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

describe('the metrics of the process', () => {
  it('are those of prom-client, by name, type and labels', async () => {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]))
    expect(names.map((name) => [name, types.get(name)])).toEqual(names.map((name) => [name, declarationOf(name).type]))
    await processReadings.refresh()
    const labelsRead = (name: (typeof names)[number]) =>
      new Set(processReadings.valuesOf(name).flatMap(({ labels }) => Object.keys(labels)))
    for (const name of names)
      expect([name, [...labelsRead(name)].filter((label) => label !== 'le')]).toEqual([
        name,
        declarationOf(name).labels,
      ])
  })

  it('are what the operating system and Node say', async () => {
    const text = await textFrom(metrics)
    const { heapTotal, external } = process.memoryUsage()
    const shareOf = (name: string, expected: number) => valueIn(text, name) / expected
    expect(shareOf('nodejs_heap_size_total_bytes', heapTotal)).toBeCloseTo(1, 0)
    expect(shareOf('nodejs_external_memory_bytes', external)).toBeCloseTo(1, 0)
    expect(valueIn(text, 'nodejs_heap_size_used_bytes')).toBeLessThan(heapTotal)
    expect(valueIn(text, 'process_max_fds')).toBeGreaterThan(valueIn(text, 'process_open_fds'))
  })

  it('have no sample of what cannot be read', async () => {
    const cannotRead = { refresh: () => Promise.resolve(), valuesOf: () => [{ value: 0, labels: {} }] }
    const text = await scrapeText({}, { processReadings: cannotRead })
    expect(samplesOf(text, 'process_max_fds')).toEqual([])
  })

  it('have every kind of garbage collection from the start', async () => {
    const text = await textFrom(metricsOver({}, { processReadings: measureProcess() }))
    const counts = samplesOf(text, 'nodejs_gc_duration_seconds')?.filter((line) => line.includes('_count'))
    expect(counts).toEqual(
      Object.keys(gcKinds).map((kind) => expect.stringContaining(`_count{kind="${kind}"}`) as string),
    )
  })

  it('count every garbage collection, those too that come in one turn of the event loop', async () => {
    const collect = collector()
    const sample = (part: string) => `nodejs_gc_duration_seconds_${part}{kind="major"}`
    const before = await textFrom(metrics)
    for (let count = 0; count < 5; count += 1) collect()
    await vi.waitFor(async () => {
      const text = await textFrom(metrics)
      expect(valueIn(text, sample('count'))).toBeGreaterThanOrEqual(valueIn(before, sample('count')) + 5)
      expect(valueIn(text, sample('sum'))).toBeGreaterThan(valueIn(before, sample('sum')))
    })
  })

  it('hold up no process that has nothing left to do', async () => {
    const module = new URL('../../../src/metrics/processReadings.ts', import.meta.url).href
    const script = `import { measureProcess } from '${module}'; await measureProcess().refresh()`
    await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
  })
})
