/**
 * `npm run bench:traces`: what traces cost, and what it costs that their collector is away. Runs without traces, with a collector and
 * without the collector come in turns. Then the collector is away for long and comes back, and every span must be accounted for.
 * Usage: `node test/bench/traces/traces.ts [SECONDS AWAY] [SECONDS OF A RUN] [ROUNDS]`; by default 300, 30 and 5.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { systemClock as clock } from '../../../src/clock.ts'
import { freePort } from '../../support/freePort.ts'
import type { RunOptions, RunResult } from './run.ts'

const [awaySeconds = 300, runSeconds = 30, rounds = 5] = process.argv.slice(2).map(Number)
/** An event is a change of a request or a file: there are five of a rotation. */
const perSecond = 100

interface Collector {
  readonly server: Server
  /** The spans that have arrived. */
  spans: number
}

async function startCollector(port: number): Promise<Collector> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      collector.spans += body.split('"traceId"').length - 1
      response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}')
    })
  })
  const collector: Collector = { server, spans: 0 }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return collector
}

async function run(options: RunOptions): Promise<RunResult> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/run.ts`, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout)) as RunResult
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
const print = (line: string) => process.stdout.write(`${line}\n`)

async function compareCosts(): Promise<void> {
  const [port, nobody] = [await freePort(), await freePort()]
  const collector = await startCollector(port)
  const runs = { off: [] as RunResult[], on: [] as RunResult[], away: [] as RunResult[] }
  const pace = { perSecond, seconds: runSeconds, emptySeconds: 0 }
  for (let round = 0; round < rounds; round += 1) {
    runs.off.push(await run(pace))
    runs.on.push(await run({ ...pace, endpoint: `http://127.0.0.1:${port}` }))
    runs.away.push(await run({ ...pace, endpoint: `http://127.0.0.1:${nobody}` }))
  }
  collector.server.close()
  collector.server.closeAllConnections()
  const figures = {
    'processor, % of a core': ({ cpuMs }: RunResult) => cpuMs / runSeconds / 10,
    'memory at the peak, MiB': ({ peakMiB }: RunResult) => peakMiB,
    'change of a request, µs, p50': ({ requestMs }: RunResult) => requestMs.median * 1000,
    'change of a request, µs, p99': ({ requestMs }: RunResult) => requestMs.p99 * 1000,
    'change of a file, µs, p50': ({ fileMs }: RunResult) => fileMs.median * 1000,
    'change of a file, µs, p99': ({ fileMs }: RunResult) => fileMs.p99 * 1000,
    'a scrape, ms': ({ scrapeMs }: RunResult) => scrapeMs,
  }
  print(
    `${perSecond * 5} events/s, ${rounds} runs of ${runSeconds} s each in turns: medians, and medians of paired ratios`,
  )
  for (const [name, of] of Object.entries(figures)) {
    const ratio = (others: readonly RunResult[]) =>
      median(others.map((other, index) => of(other) / of(runs.off[index] ?? other))).toFixed(2)
    const value = (results: readonly RunResult[]) => median(results.map(of)).toFixed(1)
    print(
      `  ${name.padEnd(28)} off ${value(runs.off)}, on ${value(runs.on)} (${ratio(runs.on)}x), collector away ${value(runs.away)} (${ratio(runs.away)}x)`,
    )
  }
}

/** Returns whether every span is accounted for. */
async function compareLoss(): Promise<boolean> {
  const port = await freePort()
  const running = run({ endpoint: `http://127.0.0.1:${port}`, perSecond, seconds: awaySeconds + 10, emptySeconds: 90 })
  await clock.sleep(awaySeconds * 1000)
  const collector = await startCollector(port)
  const { spans, peakMiB } = await running
  collector.server.close()
  collector.server.closeAllConnections()
  const { offered = 0, queued = 0, outcomes = {} } = spans ?? {}
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  print(`collector away for ${awaySeconds} s at ${perSecond} rotations/s, then back: at most ${peakMiB.toFixed(0)} MiB`)
  print(`  offered ${offered}, queued ${queued}, ${JSON.stringify(outcomes)}; arrived ${collector.spans}`)
  return offered === settled + queued && outcomes['exported'] === collector.spans
}

await compareCosts()
if (!(await compareLoss())) {
  print('  not every span is accounted for')
  process.exitCode = 1
}
