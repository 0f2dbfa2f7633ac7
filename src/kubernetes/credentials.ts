import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Cluster } from '@kubernetes/client-node/dist/config_types.js'
import { messageOf } from '../errors.ts'
import { printable } from '../text/printable.ts'
import { isRecord } from './json.ts'
import { KubernetesError } from './kubernetesError.ts'

/** Which API server, as whom, and who says so. */
export interface Credentials {
  readonly server: URL
  /** Where they come from, for messages. */
  readonly origin: string
  /** Adds certificates and headers to a request. Files and plugins are asked again as they expire; throws `configuration`. */
  apply(options: RequestOptions): Promise<void>
}

export interface CredentialsOptions {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined
  /** Another context than the current one. */
  readonly context?: string | undefined
}

/**
 * From the named file; else from the pod's service account, in a pod where KUBECONFIG is not set; else from KUBECONFIG or the
 * home folder. Throws `configuration`.
 */
export function loadCredentials({ kubeconfig, context }: CredentialsOptions): Credentials {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST } = process.env
  if (kubeconfig !== undefined) return load(kubeconfig, (config) => config.loadFromFile(kubeconfig), context)
  if (KUBERNETES_SERVICE_HOST !== undefined && KUBECONFIG === undefined) {
    return load("the pod's service account", (config) => config.loadFromCluster(), context)
  }
  return load(KUBECONFIG ?? '~/.kube/config', (config) => config.loadFromDefault(), context)
}

/** From the YAML text of a kubeconfig. Throws `configuration`. */
export function credentialsFromText(kubeconfigYaml: string): Credentials {
  return load('a kubeconfig text', (config) => config.loadFromString(kubeconfigYaml), undefined)
}

function load(origin: string, read: (config: KubeConfig) => void, context: string | undefined): Credentials {
  const config = new KubeConfig()
  try {
    read(config)
    if (context !== undefined) config.setCurrentContext(context)
    config.clusters = config.clusters.map(acceptPlainHttp)
    return {
      server: serverOf(config, origin),
      origin: `context ${config.getCurrentContext()} of ${origin}`,
      apply: (options) => apply(config, options, origin),
    }
  } catch (thrown) {
    // client-node takes most of a file for what it should be: what is of another type comes to light wherever it is used.
    if (thrown instanceof KubernetesError) throw thrown
    const message = `${origin} cannot be read: ${printable(withoutSource(thrown))}`
    throw new KubernetesError('configuration', message)
  }
}

/** client-node refuses plain HTTP unless it is told not to verify TLS, of which there is none; kubectl takes it. */
function acceptPlainHttp(cluster: Cluster): Cluster {
  return cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster
}

/** What client-node calls the context that it makes up, for http://localhost:8080, where there is no kubeconfig at all. */
const madeUpContext = 'loaded-context'

function serverOf(config: KubeConfig, origin: string): URL {
  const context = config.getCurrentContext()
  if (context === madeUpContext) {
    throw new KubernetesError('configuration', `${origin} does not exist: name a kubeconfig file or set KUBECONFIG`)
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined || !/^https?:/.test(server) || !URL.canParse(server)) {
    const known = config.getContexts().map(({ name }) => name)
    throw new KubernetesError(
      'configuration',
      printable(`${origin}: context "${context}" names no API server (contexts: ${known.join(', ') || 'none'})`),
    )
  }
  return new URL(server)
}

async function apply(config: KubeConfig, options: RequestOptions, origin: string): Promise<void> {
  try {
    await config.applyToHTTPSOptions(options)
  } catch (thrown) {
    const reason = isSystemError(thrown)
      ? printable(thrown.message)
      : 'the credential plugin or token file gave none; run the plugin by hand to see why'
    throw new KubernetesError('configuration', `the credentials of ${origin} cannot be had: ${reason}`)
  }
  // client-node's agent keeps the TLS material of the first request for good; only a proxy needs it.
  if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent
}

/** The message without what the YAML parser quotes of the file, which may be a secret: the line, a name behind the reason. */
function withoutSource(thrown: unknown): string {
  if (!isRecord(thrown) || typeof thrown.reason !== 'string' || !isRecord(thrown.mark)) return messageOf(thrown)
  const place = `line ${Number(thrown.mark.line) + 1}, column ${Number(thrown.mark.column) + 1}`
  return `${place}: ${thrown.reason.replace(/(: | !?["<]).*$/s, '')}`
}

/** Others may hold what a credential plugin has printed, or what is in a token file. */
function isSystemError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'syscall' in thrown
}
