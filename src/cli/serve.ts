import { hostname } from 'node:os'
import { startApp, type App } from '../app/app.ts'
import type { AppOptions } from '../app/options.ts'
import { FileStore } from '../checkpoint/fileStore.ts'
import type { StateStore } from '../checkpoint/stateStore.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { resolveConfig } from '../config/resolve.ts'
import { maxSettingsBytes } from '../config/yamlFile.ts'
import { SvidwatchError } from '../errors.ts'
import { FileCalls } from '../files/fileCalls.ts'
import type { Role } from '../role.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import { createLog, type Log } from '../log/log.ts'
import { configurable, exportsSvids, sourcesOf } from '../app/roles.ts'
import { endProcess } from './endProcess.ts'
import { ownNamespace } from './ownNamespace.ts'
import { filePlaces } from './threadPool.ts'

export interface ServeOptions {
  readonly role?: readonly Role[]
  /** The path of the configuration file. */
  readonly config?: string
  readonly version: string
  /** Resolves when the process is asked to stop (stopSignal.ts). */
  readonly stopping: Promise<NodeJS.Signals>
}

/** A shutdown takes at most 5 s, before Kubernetes or systemd kill the process. */
const stopWithinMs = 4_500

/** Runs `svidwatch serve` until the process is asked to stop, also while it starts. Throws a `SvidwatchError` if it cannot start. */
export async function serve({ stopping, ...options }: ServeOptions): Promise<void> {
  const started = await Promise.race([start(options), stopping.then(() => undefined)])
  if (started !== undefined) {
    const { app, log } = started
    const signal = await stopping
    log.info({ event: 'stopping', signal }, `stopping on ${signal}`)
    const limit = new AbortController()
    await Promise.race([app.close().finally(() => limit.abort()), systemClock.sleep(stopWithinMs, limit.signal)])
  }
  // Ends whatever still runs, such as a credential plugin that hangs.
  await endProcess(systemClock, 0)
}

async function start({ role, config: file, version }: Omit<ServeOptions, 'stopping'>) {
  const files = new FileCalls(systemClock, filePlaces())
  const config = await readConfig(files, file)
  const roles = role ?? config.roles
  checkRoles(roles, config)
  const log = createLog({ ...config.log, clock: systemClock })
  const app = await startApp({
    config,
    roles,
    clock: systemClock,
    files,
    log,
    version,
    // deploy/ sets NODE_NAME through the downward API. Without it, the host name is usually the name of the node.
    nodeName: process.env.NODE_NAME || hostname(),
    address: isInPod() ? 'any' : 'loopback',
    ...(await clientAndStore(config, roles, files)),
  })
  logStart(log, roles, app)
  return { app, log }
}

/** Reports whether this is a pod, which others scrape and probe. The kubelet gives each container the address of the API server. */
const isInPod = (): boolean => process.env.KUBERNETES_SERVICE_HOST !== undefined

function logStart(log: Log, roles: readonly Role[], { url, addresses, probeAddresses }: App): void {
  const listening = `listening on ${addresses.join(' and ')}, for probes on ${probeAddresses.join(' and ')}`
  const message = `watching as ${roles.join(', ')}; metrics at ${url}/metrics; ${listening}`
  log.info({ event: 'started', roles, url, addresses, probe_addresses: probeAddresses }, message)
}

function checkRoles(roles: readonly Role[], config: Config): void {
  if (roles.length === 0)
    throw new SvidwatchError(
      'config_invalid',
      'no role: give --role (cluster, node, cluster,node or standalone), or set roles in the configuration file',
    )
  if (sourcesOf(roles, config).length === 0)
    throw new SvidwatchError(
      'config_invalid',
      `there is nothing to watch: set ${configurable(roles).join(' or ')} in the configuration file`,
    )
}

async function readConfig(files: FileCalls, file: string | undefined): Promise<Config> {
  const text = file === undefined ? undefined : await readConfigFile(files, file)
  const resolved = resolveConfig(text, file ?? 'the defaults')
  if ('config' in resolved) return resolved.config
  throw new SvidwatchError(
    'config_invalid',
    [`invalid configuration in ${file ?? 'the defaults'}:`, ...resolved.problems].join('\n  '),
  )
}

async function readConfigFile(files: FileCalls, path: string): Promise<string> {
  const file = await files.readText(path, { maxBytes: maxSettingsBytes })
  if ('text' in file) return file.text
  if (file.problem === 'empty') return ''
  throw new SvidwatchError('config_invalid', `cannot read the configuration file ${path}: ${file.detail}`)
}

/** Returns the client of the API server and the store of the state, and loads only those that the roles need. */
async function clientAndStore(
  config: Config,
  roles: readonly Role[],
  files: FileCalls,
): Promise<Pick<AppOptions, 'client' | 'store'>> {
  if (!exportsSvids(roles)) return {}
  const { file } = config.checkpoint
  const fileStore = file === undefined ? undefined : new FileStore(file, files)
  if (!roles.includes('cluster')) return { store: fileStore }
  const { createClient } = await import('../kubernetes/client.ts')
  const client = createClient({ ...config.kubernetes, clock: systemClock })
  return { client, store: fileStore ?? (await configMapStore(config, client, files)) }
}

/** Returns the ConfigMap of the settings, or the default one in the pod's own namespace. Outside a cluster there is no default. */
async function configMapStore(
  config: Config,
  client: KubernetesClient,
  files: FileCalls,
): Promise<StateStore | undefined> {
  const { ConfigMapStore } = await import('../checkpoint/configMapStore.ts')
  const { namespace = await ownNamespace(files), name = 'svidwatch-state' } = config.checkpoint.configMap ?? {}
  return namespace === undefined ? undefined : new ConfigMapStore(client, namespace, name)
}
