import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queryObjects } from 'node:v8'
import { startApp, type App } from '../../../src/app/app.ts'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import { systemClock } from '../../../src/clock.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { createLog } from '../../../src/log/log.ts'
import { heard, startChild } from '../childProcess.ts'
import { configFrom } from '../watchedCluster.ts'
import type { Checked, Command } from './churningCluster.ts'
import { FastClock } from './fastClock.ts'
import { realFiles } from '../../support/realFiles.ts'

export interface RunOptions {
  readonly workloads: number
  /** How long workloads come and go, in simulated time. */
  readonly minutes: number
  /** How long after it was issued an SVID is renewed, in simulated time. */
  readonly renewalMinutes: number
  /** How many times as fast as real time the simulated one runs. */
  readonly speed: number
  /** How often to look, from the beginning to the end. */
  readonly samples: number
}

/** What there is at a moment of simulated time. */
export interface Sample extends Checked {
  readonly minute: number
  readonly rssBytes: number
  /** Of V8's heap, right after all garbage was collected; and how many objects are in it. */
  readonly heapBytes: number
  readonly objects: number
}

/** Runs the cluster role in this process, over a cluster whose workloads come and go in another one. */
export async function* runLeak(options: RunOptions): AsyncGenerator<Sample> {
  const cluster = startChild(
    'leak/churningCluster.ts',
    [options.workloads, options.renewalMinutes * 60_000],
    ['--max-old-space-size=8192'],
  )
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-leak-'))
  try {
    const { kubeconfig } = await heard<{ kubeconfig: string }>(cluster)
    const clock = new FastClock()
    const app = await startClusterRole(kubeconfig, folder, clock, options.workloads)
    const { url } = app
    const look = async (): Promise<Checked> => {
      cluster.send({ url, pace: undefined } satisfies Command)
      return heard<Checked>(cluster)
    }
    const goOn = () => cluster.send({ url, pace: clock.goOn(options.speed) } satisfies Command)
    while (!(await seesAll(url))) await systemClock.sleep(500)
    yield* samplesOf(options, clock, look, goOn)
    await app.close()
  } finally {
    if (cluster.connected) cluster.disconnect()
    rmSync(folder, { recursive: true })
  }
}

/** Whether the first lists are done, which take their real time. */
async function seesAll(url: string): Promise<boolean> {
  const status = (await (await fetch(`${url}/api/v1/status`)).json()) as { sources: { up: boolean }[] }
  return status.sources.every(({ up }) => up)
}

async function* samplesOf(
  { minutes, speed, samples }: RunOptions,
  clock: FastClock,
  look: () => Promise<Checked>,
  goOn: () => void,
): AsyncGenerator<Sample> {
  const beganMs = clock.now()
  for (let index = 0; index < samples; index += 1) {
    const minute = (minutes * index) / (samples - 1)
    goOn()
    await systemClock.sleep(Math.max(0, beganMs + minute * 60_000 - clock.now()) / speed)
    const rssBytes = process.memoryUsage.rss()
    clock.standStill()
    const checked = await look()
    // It collects all garbage before it counts.
    const objects = queryObjects(Object, { format: 'count' })
    yield { ...checked, minute, rssBytes, objects, heapBytes: process.memoryUsage().heapUsed }
  }
}

function startClusterRole(kubeconfig: string, folder: string, clock: FastClock, workloads: number): Promise<App> {
  const settings = {
    server: { address: '127.0.0.1', port: 0, probePort: 0 },
    checkpoint: { interval: '1s' },
    limits: { series: workloads * 10 },
  }
  return startApp({
    config: configFrom(JSON.stringify(settings)),
    roles: ['cluster'],
    clock,
    log: createLog({ level: 'warn', format: 'pretty', clock }),
    files: realFiles,
    version: '0.0.0',
    client: createClientFromText(kubeconfig, clock),
    store: new FileStore(join(folder, 'state.json'), realFiles),
  })
}
