import { hostname } from 'node:os'
import { startApp } from '../app/app.ts'
import type { AppOptions } from '../app/options.ts'
import { FileStore } from '../checkpoint/fileStore.ts'
import type { StateStore } from '../checkpoint/stateStore.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { resolveConfig } from '../config/resolve.ts'
import { maxSettingsBytes } from '../config/yamlFile.ts'
import { SvidwatchError } from '../errors.ts'
import { readTextFile } from '../files/readTextFile.ts'
import type { Role } from '../role.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import { createLog } from '../log/log.ts'
import { exportsSvids, sourcesOf } from '../app/roles.ts'
import { stopSignal } from './stopSignal.ts'

export interface ServeOptions {
  readonly role?: readonly Role[]
  /** Path of the settings file. */
  readonly config?: string
  readonly version: string
}

/** Kubernetes and systemd kill what takes long; within 5 s is promised. */
const stopWithinMs = 4_500

/** `svidwatch serve`: runs until it is told to stop. Throws a `SvidwatchError` where it cannot start. */
export async function serve(options: ServeOptions): Promise<void> {
  const config = await readConfig(options.config)
  const roles = options.role ?? config.roles
  checkRoles(roles, config)
  const log = createLog({ ...config.log, clock: systemClock })
  const app = await startApp({
    config,
    roles,
    clock: systemClock,
    log,
    version: options.version,
    // The kubelet gives the pod the name of its node by the downward API; without it, a host is often called like its node.
    nodeName: process.env.NODE_NAME || hostname(),
    ...(await clientAndStore(config, roles)),
  })
  log.info({ event: 'started', roles, url: app.url }, `watching as ${roles.join(', ')}; metrics at ${app.url}/metrics`)
  const signal = await stopSignal()
  log.info({ event: 'stopping', signal }, `stopping on ${signal}`)
  const limit = new AbortController()
  await Promise.race([app.close().finally(() => limit.abort()), systemClock.sleep(stopWithinMs, limit.signal)])
  // Whatever still runs, such as a credential plugin that hangs, has had its time.
  process.exit()
}

function checkRoles(roles: readonly Role[], config: Config): void {
  if (roles.length === 0)
    throw new SvidwatchError(
      'config_invalid',
      'no role: say --role cluster, node, cluster,node or standalone, or set roles in the settings',
    )
  if (sourcesOf(roles, config).length === 0)
    throw new SvidwatchError(
      'config_invalid',
      'the standalone role has nothing to watch: name certificate files (files) or bundle endpoints (bundleEndpoints) in the settings',
    )
}

async function readConfig(file: string | undefined): Promise<Config> {
  const text = file === undefined ? undefined : await readSettings(file)
  const resolved = resolveConfig(text, file ?? 'the defaults')
  if ('config' in resolved) return resolved.config
  throw new SvidwatchError(
    'config_invalid',
    [`${file ?? 'settings'} cannot be used:`, ...resolved.problems].join('\n  '),
  )
}

async function readSettings(path: string): Promise<string> {
  const file = await readTextFile(path, { maxBytes: maxSettingsBytes })
  if ('text' in file) return file.text
  if (file.problem === 'empty') return ''
  throw new SvidwatchError('config_invalid', `the settings cannot be read: ${path}: ${file.detail}`)
}

/** The client of the API server, and what keeps the state: a role loads only what it needs. The node role has no state. */
async function clientAndStore(config: Config, roles: readonly Role[]): Promise<Pick<AppOptions, 'client' | 'store'>> {
  if (!exportsSvids(roles)) return {}
  const { file } = config.checkpoint
  const fileStore = file === undefined ? undefined : new FileStore(file)
  if (!roles.includes('cluster')) return { store: fileStore }
  const { createClient } = await import('../kubernetes/client.ts')
  const client = createClient({ ...config.kubernetes, clock: systemClock })
  return { client, store: fileStore ?? (await configMapStore(config, client)) }
}

/** In a cluster in the pod's own namespace, elsewhere only where it is configured. */
async function configMapStore(config: Config, client: KubernetesClient): Promise<StateStore | undefined> {
  const { ConfigMapStore } = await import('../checkpoint/configMapStore.ts')
  const { namespace = await ownNamespace(), name = 'svidwatch-state' } = config.checkpoint.configMap ?? {}
  return namespace === undefined ? undefined : new ConfigMapStore(client, namespace, name)
}

const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

async function ownNamespace(): Promise<string | undefined> {
  const file = await readTextFile(namespaceFile, { maxBytes: 1_024 })
  return 'text' in file ? file.text.trim() : undefined
}
