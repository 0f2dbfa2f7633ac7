import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Cluster } from '@kubernetes/client-node/dist/config_types.js'
import { messageOf } from '../errors.ts'
import { printable } from '../text/printable.ts'
import { isRecord } from './json.ts'
import { KubernetesError } from './kubernetesError.ts'

/** The address of an API server, and how to authenticate to it. */
export interface Credentials {
  readonly server: URL
  /** Names the source of the credentials in messages. */
  readonly origin: string
  /** Adds certificates and headers to a request. Reads files and runs plugins again when they expire. Throws `configuration`. */
  apply(options: RequestOptions): Promise<void>
}

export interface CredentialsOptions {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined
  /** The context to use instead of the current one. */
  readonly context?: string | undefined
}

/**
 * Loads credentials from the given kubeconfig file. Without one, uses the pod's service account if this is a pod and KUBECONFIG
 * is not set, else the file in KUBECONFIG or in the home folder. Throws `configuration`.
 */
export function loadCredentials({ kubeconfig, context }: CredentialsOptions): Credentials {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST } = process.env
  if (kubeconfig !== undefined) return load(kubeconfig, (config) => config.loadFromFile(kubeconfig), context)
  if (KUBERNETES_SERVICE_HOST !== undefined && KUBECONFIG === undefined) {
    return load("the pod's service account", (config) => config.loadFromCluster(), context)
  }
  return load(KUBECONFIG ?? '~/.kube/config', (config) => config.loadFromDefault(), context)
}

/** Returns the credentials of a kubeconfig, given as YAML text. Throws `configuration`. */
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
    // client-node hardly checks types, so a value of the wrong type fails wherever it is used.
    if (thrown instanceof KubernetesError) throw thrown
    const message = `${origin} cannot be read: ${printable(withoutSource(thrown))}`
    throw new KubernetesError('configuration', message)
  }
}

/** client-node refuses plain HTTP unless skipTLSVerify is set, which has no effect on HTTP. kubectl accepts plain HTTP. */
function acceptPlainHttp(cluster: Cluster): Cluster {
  return cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster
}

/** The name of the context for http://localhost:8080 that client-node adds if there is no kubeconfig. */
const fallbackContext = 'loaded-context'

function serverOf(config: KubeConfig, origin: string): URL {
  const context = config.getCurrentContext()
  if (context === fallbackContext) {
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
      : 'the credential plugin or token file failed; run the plugin by hand to see why'
    throw new KubernetesError('configuration', `the credentials of ${origin} cannot be loaded: ${reason}`)
  }
  // client-node's agent never renews the TLS material of the first request, so it is used only for a proxy.
  if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent
}

/** Returns the message without the line and the names that the YAML parser quotes from the file: they may be secrets. */
function withoutSource(thrown: unknown): string {
  if (!isRecord(thrown) || typeof thrown.reason !== 'string' || !isRecord(thrown.mark)) return messageOf(thrown)
  const place = `line ${Number(thrown.mark.line) + 1}, column ${Number(thrown.mark.column) + 1}`
  return `${place}: ${thrown.reason.replace(/(: | !?["<]).*$/s, '')}`
}

/** Reports whether an error is safe to show. Others may contain the output of a credential plugin or of a token file. */
function isSystemError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'syscall' in thrown
}
