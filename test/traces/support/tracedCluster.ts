import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../../src/app/app.ts'
import { systemClock as clock } from '../../../src/clock.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import { createLog } from '../../../src/log/log.ts'
import { projectRequest } from '../../../src/sources/certificateRequests/projection.ts'
import { nodeRoleService, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import type { PodPlan } from '../../../src/world/population.ts'
import { startWorld, type World } from '../../../src/world/world.ts'
import { freePort } from '../../support/freePort.ts'
import { realFiles } from '../../support/realFiles.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

export interface TracedClusterOptions {
  readonly otlp: string
  readonly pods: number
  /** The lifetime of SVIDs, ms. */
  readonly lifetimeMs: number
  /** How many of the pods ask for an SVID that they may not have. */
  readonly denied: number
}

/** An embedded cluster with node roles, and a cluster role in a process of its own that can be killed. */
export class TracedCluster implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #world: World
  readonly #config: string
  readonly url: string
  #process: ChildProcess | undefined
  /** Every request that was seen to have ended, in its last version. */
  readonly ended = new Map<string, RequestObservation>()

  private constructor(all: AsyncDisposableStack, world: World, config: string, url: string) {
    this.#all = all
    this.#world = world
    this.#config = config
    this.url = url
  }

  static async start({ otlp, pods, lifetimeMs, denied }: TracedClusterOptions): Promise<TracedCluster> {
    await using starting = new AsyncDisposableStack()
    const plans = Array.from({ length: pods }, (_, index) => podPlan(index, index < denied))
    const world = await startWorld({ clock, root: tmpdir(), lifetimeMs, pods: plans })
    starting.defer(() => world.close())
    const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
    for (const { name, kubeletRoot } of world.nodes.filter(({ hasDriver }) => hasDriver)) {
      const app = await startNodeRole(name, kubeletRoot, publicKeys)
      starting.defer(() => app.close())
      world.addNodeRole(name, app.url)
    }
    const [port, probePort] = [await freePort(), await freePort()]
    const kubeconfig = join(world.folder, 'kubeconfig')
    await writeFile(kubeconfig, world.api.kubeconfig)
    const config = join(world.folder, 'svidwatch.yaml')
    const settings = {
      kubernetes: { kubeconfig },
      nodeFindings: { service: `${nodeRoleService.namespace}/${nodeRoleService.name}`, signingKey },
      checkpoint: { file: join(world.folder, 'state.json'), interval: '1s' },
      server: { address: '127.0.0.1', port, probePort },
      log: { level: 'error' },
      tracing: { endpoint: otlp },
    }
    await writeFile(config, JSON.stringify(settings))
    return new TracedCluster(starting.move(), world, config, `http://127.0.0.1:${port}`)
  }

  /** Starts the cluster role. Resolves once it has listed the requests. */
  async startSvidwatch(): Promise<void> {
    const env = { ...process.env, OTEL_BSP_SCHEDULE_DELAY: '1000' }
    const args = [main, 'serve', '--role', 'cluster', '--config', this.#config]
    this.#process = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    const seesRequests = () =>
      this.metrics().then(
        (text) => text.includes('svidwatch_source_up{source="certificateRequests"} 1'),
        () => false,
      )
    while (!(await seesRequests())) await clock.sleep(100)
  }

  /** Ends the cluster role with a signal. Resolves once it has ended. */
  async endSvidwatch(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = this.#process
    if (ending === undefined) return
    this.#process = undefined
    ending.kill(signal)
    await once(ending, 'exit')
  }

  async metrics(accept = 'text/plain'): Promise<string> {
    return (await fetch(`${this.url}/metrics`, { headers: { accept } })).text()
  }

  /** Takes note of the requests that have ended, until the signal aborts. Each exists much longer than the time between two looks. */
  async observe(signal: AbortSignal): Promise<void> {
    const { url, token } = this.#world.api
    const headers = { authorization: `Bearer ${token}` }
    while (!signal.aborted) {
      const answer = await fetch(`${url}/apis/cert-manager.io/v1/certificaterequests`, { headers })
      const { items } = (await answer.json()) as { items: unknown[] }
      for (const item of items) {
        const request = projectRequest(item)?.request
        if (request && ['issued', 'denied', 'failed'].includes(request.state)) this.ended.set(request.uid, request)
      }
      await clock.sleep(1_000, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endSvidwatch('SIGKILL')
    await this.#all.disposeAsync()
  }
}

const podPlan = (index: number, isDenied: boolean): PodPlan => ({
  namespace: `team-${index % 5}`,
  name: `pod-${index}`,
  serviceAccount: 'web',
  node: index % 2 === 0 ? 'node-1' : 'node-2',
  fate: isDenied ? 'denied' : 'healthy',
})

async function startNodeRole(nodeName: string, kubeletRoot: string, publicKeys: string) {
  const server = { address: '127.0.0.1', port: 0, probePort: 0 }
  const settings = { server, mountedSvids: { kubeletRoot }, nodeFindings: { publicKeys, nodeName } }
  const resolved = resolveConfig(JSON.stringify(settings), 'the settings')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const log = createLog({ level: 'error', format: 'json', clock })
  return startApp({ config: resolved.config, roles: ['node'], clock, files: realFiles, log, version: '0.0.0', env: {} })
}
