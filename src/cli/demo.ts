import { tmpdir } from 'node:os'
import { styleText } from 'node:util'
import type { App } from '../app/app.ts'
import { systemClock, type Clock } from '../clock.ts'
import { SvidwatchError } from '../errors.ts'
import { createLog } from '../log/log.ts'
import { stopSignal } from './stopSignal.ts'
import { podEvents } from '../demo/podEvents.ts'
import { introduction, podEventLine, type Paint } from '../demo/narration.ts'
import { loseIssuer } from '../demo/outage.ts'
import { rotateCa } from '../demo/rotation.ts'
import type { RotationOrder } from '../demo/rotationOrders.ts'
import { startSvidwatch, type SvidwatchOptions } from '../demo/svidwatch.ts'
import { startWorld, type World } from '../world/world.ts'

const lifetimeMs = 180_000

/** Colours text if the terminal supports it; NO_COLOR and FORCE_COLOR are respected. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout })

interface DemoOptions extends Pick<SvidwatchOptions, 'port' | 'probePort' | 'version' | 'otlp'> {
  /** How long after the start the issuer loses its key; undefined for never. */
  readonly issuerDownAfterMs?: number | undefined
  /** The order in which the CA of the issuer is rotated; undefined for not at all. */
  readonly rotation?: RotationOrder | undefined
}

/**
 * Runs `svidwatch demo`: watches an embedded world and prints what happens in it, until the process is asked to stop. Throws a
 * `SvidwatchError` if its ports cannot be opened.
 */
export async function runDemo({ issuerDownAfterMs, rotation, ...options }: DemoOptions): Promise<void> {
  const { port, probePort, otlp } = options
  if (port === probePort && port !== 0)
    throw new SvidwatchError('config_invalid', `--port and --probe-port must differ (both are ${port})`)
  // The signal is handled from here on, so that one that comes while the world starts does not leave its folder behind.
  const stopping = stopSignal()
  const clock = systemClock
  const world = await startWorld({ clock, root: tmpdir(), lifetimeMs })
  try {
    const log = createLog({ level: 'warn', format: 'pretty', clock })
    const app = await startWithRemedy(world, { clock, log, ...options })
    const { url: kubernetesUrl, token: kubernetesToken } = world.api
    const { url, probeUrl } = app
    const scene = { url, probeUrl, kubernetesUrl, kubernetesToken, lifetimeMs, otlp, issuerDownAfterMs, rotation }
    print(introduction({ ...scene, pods: await world.truth() }, paint))
    const stopped = new AbortController()
    const running = [narrate(world, clock, stopped.signal)]
    if (issuerDownAfterMs !== undefined)
      running.push(loseIssuer(world, { clock, afterMs: issuerDownAfterMs, print, paint }, stopped.signal))
    if (rotation !== undefined) running.push(rotateCa(world, { clock, order: rotation, print, paint }, stopped.signal))
    await stopping
    stopped.abort()
    await Promise.all([...running, app.close()])
  } finally {
    await world.close()
  }
}

/** Starts svidwatch. The error for a port that is in use says how to choose other ports. */
async function startWithRemedy(world: World, options: SvidwatchOptions): Promise<App> {
  try {
    return await startSvidwatch(world, options)
  } catch (error) {
    if (!(error instanceof SvidwatchError) || error.code !== 'cannot_listen') throw error
    const remedy = 'to use other ports: npm start -- --port 9897 --probe-port 9898'
    throw new SvidwatchError(error.code, `${error.message}\n${remedy}`, { cause: error })
  }
}

/** Compares the world with its state a second ago, and prints what has happened. */
async function narrate(world: World, clock: Clock, signal: AbortSignal): Promise<void> {
  let before = { atMs: clock.now(), pods: await world.truth() }
  while (!signal.aborted) {
    await clock.sleep(1000, signal)
    const after = { atMs: clock.now(), pods: await world.truth() }
    for (const event of podEvents(before, after)) print(podEventLine(event, paint))
    before = after
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
