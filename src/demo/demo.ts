import { tmpdir } from 'node:os'
import { styleText } from 'node:util'
import { startApp, type App, type AppOptions } from '../app.ts'
import { systemClock, type Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { resolveConfig } from '../config/resolve.ts'
import { SvidwatchError } from '../errors.ts'
import { createClientFromText } from '../kubernetes/client.ts'
import { createLog } from '../log.ts'
import { stopSignal } from '../stopSignal.ts'
import { happenings } from './happenings.ts'
import { happeningLine, introduction, type Paint } from './narration.ts'
import { startWorld, type World } from './world.ts'

interface DemoOptions {
  /** Ports on 127.0.0.1; 0 is any free one. */
  readonly port: number
  readonly probePort: number
  readonly version: string
}

const lifetimeMs = 180_000

/** Colours only where there is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout })

/**
 * `svidwatch demo`: watches an embedded world and tells what happens there, until it is told to stop. Throws a `SvidwatchError`
 * where its ports cannot be had.
 */
export async function runDemo({ port, probePort, version }: DemoOptions): Promise<void> {
  if (port === probePort && port !== 0)
    throw new SvidwatchError('config_invalid', `--port and --probe-port must differ (both are ${port})`)
  // Heard from the start on: a signal that comes while the world is made must not leave its folder behind.
  const stopping = stopSignal()
  const clock = systemClock
  const world = await startWorld({ clock, root: tmpdir(), lifetimeMs })
  try {
    const config = demoConfig(world, port, probePort)
    const client = createClientFromText(world.api.kubeconfig, clock)
    const log = createLog({ ...config.log, clock })
    const app = await startDemoApp({ config, roles: ['cluster', 'node'], clock, log, version, client })
    const { url: kubernetesUrl, token: kubernetesToken } = world.api
    const { url, probeUrl } = app
    print(introduction({ url, probeUrl, kubernetesUrl, kubernetesToken, lifetimeMs, pods: await world.truth() }, paint))
    const stopped = new AbortController()
    const narrated = narrate(world, clock, stopped.signal)
    await stopping
    stopped.abort()
    await Promise.all([narrated, app.close()])
  } finally {
    await world.close()
  }
}

async function startDemoApp(options: AppOptions): Promise<App> {
  try {
    return await startApp(options)
  } catch (error) {
    if (!(error instanceof SvidwatchError) || error.code !== 'cannot_listen') throw error
    const remedy = 'to take other ports: npm start -- --port 9897 --probe-port 9898'
    throw new SvidwatchError(error.code, `${error.message}\n${remedy}`, { cause: error })
  }
}

function demoConfig({ kubeletRoot }: World, port: number, probePort: number): Config {
  const server = { address: '127.0.0.1', port, probePort }
  const settings = { server, mountedSvids: { kubeletRoot }, log: { level: 'warn', format: 'pretty' } }
  const resolved = resolveConfig(JSON.stringify(settings), 'the settings of the demo')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  return resolved.config
}

/** Looks at the world each second. */
async function narrate(world: World, clock: Clock, signal: AbortSignal): Promise<void> {
  let before = { atMs: clock.now(), pods: await world.truth() }
  while (!signal.aborted) {
    await clock.sleep(1000, signal)
    const after = { atMs: clock.now(), pods: await world.truth() }
    for (const happening of happenings(before, after)) print(happeningLine(happening, paint))
    before = after
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
