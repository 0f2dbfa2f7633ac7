import { join } from 'node:path'
import { startApp, type App } from '../app/app.ts'
import type { Clock } from '../clock.ts'
import { resolveConfig } from '../config/resolve.ts'
import { FileCalls } from '../files/fileCalls.ts'
import type { Role } from '../role.ts'
import { createClientFromText } from '../kubernetes/client.ts'
import type { Log } from '../log/log.ts'
import { bundleName } from '../world/bundleObjects.ts'
import { startFederation } from '../world/federation.ts'
import { nodeRoleService, writeFindingsKeys } from '../world/nodeRoles.ts'
import type { World } from '../world/world.ts'

export interface SvidwatchOptions {
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** The ports of the cluster role, which only this machine reaches; 0 is any free port. */
  readonly port: number
  readonly probePort: number
  /** The URL of a collector of traces (OTLP over HTTP); undefined: no traces are sent. */
  readonly otlp?: string | undefined
}

/**
 * Starts svidwatch over a world, set up as on a real cluster: a node role on each node that has the driver, and the cluster role,
 * which follows them and fetches from the bundle endpoints of the federation. `url` and `probeUrl` are those of the cluster role.
 */
export async function startSvidwatch(
  world: World,
  { port, probePort, otlp, ...parts }: SvidwatchOptions,
): Promise<App> {
  await using starting = new AsyncDisposableStack()
  const { clock } = parts
  const files = new FileCalls(clock)
  const federation = await startFederation({ clock, folder: join(world.folder, 'federation') })
  starting.defer(() => federation.close())
  const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
  const start = async (role: Role, settings: Readonly<Record<string, unknown>>): Promise<App> => {
    const config = configOf(settings)
    const client = role === 'cluster' ? createClientFromText(world.api.kubeconfig, clock) : undefined
    const app = await startApp({ ...parts, files, config, roles: [role], client, podRoute: world.route })
    starting.defer(() => app.close())
    return app
  }

  for (const { name, kubeletRoot } of world.nodes.filter(({ hasDriver }) => hasDriver)) {
    const server = { address: '127.0.0.1', port: 0, probePort: 0 }
    const nodeFindings = { publicKeys, nodeName: name }
    const { url } = await start('node', { server, mountedSvids: { kubeletRoot }, nodeFindings })
    world.addNodeRole(name, url)
  }
  const { namespace, name } = nodeRoleService
  const app = await start('cluster', {
    server: { port, probePort },
    nodeFindings: { service: `${namespace}/${name}`, signingKey },
    bundleEndpoints: federation.settings,
    trustBundles: { names: [bundleName] },
    // SVIDs live for minutes in the demo, a twentieth of what they do elsewhere.
    servedSvids: { interval: '10s', reloadWithin: '18s' },
    ...(otlp !== undefined && { tracing: { endpoint: otlp } }),
  })
  const started = starting.move()
  return { ...app, close: () => started.disposeAsync() }
}

function configOf(settings: Readonly<Record<string, unknown>>) {
  const resolved = resolveConfig(JSON.stringify(settings), 'the settings of the demo')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  return resolved.config
}
