import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { kubectl } from '../../support/shell.ts'
import type { Values } from './release.ts'

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string } },
  ]
}

/** What an API server answers that has no streaming lists, as before Kubernetes 1.32: svidwatch then lists in pages. */
const refusal = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Invalid',
  code: 422,
  message:
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
})

/**
 * The API server of the current kubeconfig context, but without streaming lists. It listens on this machine without TLS, and passes
 * on each request with the credentials that came with it.
 */
export class ApiServerWithoutStreaming implements AsyncDisposable {
  readonly #server: Server
  readonly #agent: Agent

  private constructor(server: Server, agent: Agent) {
    this.#server = server
    this.#agent = agent
  }

  /** `host` is an address of this machine that pods reach. */
  static async start(host: string): Promise<ApiServerWithoutStreaming> {
    const text = await kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json')
    const { cluster } = (JSON.parse(text) as Kubeconfig).clusters[0]
    const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64')
    const agent = new Agent({ ca, keepAlive: true })
    const server = createServer((asked, answer) => {
      if (/[?&]sendInitialEvents=/.test(asked.url ?? '')) {
        answer.writeHead(422, { 'content-type': 'application/json' }).end(refusal)
        return
      }
      passOn(asked, answer, cluster.server, agent)
    })
    server.listen(0, host)
    await once(server, 'listening')
    return new ApiServerWithoutStreaming(server, agent)
  }

  /** Values with which the cluster role asks this server, as its own service account. */
  get values(): Values {
    const { address, port } = this.#server.address() as AddressInfo
    const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `http://${address}:${port}` } }],
      users: [{ name: 'u', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }
    const name = 'svidwatch-kubeconfig'
    const mountPath = '/etc/svidwatch/api'
    return {
      settings: { kubernetes: { kubeconfig: `${mountPath}/kubeconfig` } },
      cluster: {
        extraVolumes: [{ name, configMap: { name } }],
        extraVolumeMounts: [{ name, mountPath, readOnly: true }],
      },
      extraObjects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name },
          data: { kubeconfig: JSON.stringify(kubeconfig) },
        },
      ],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
    this.#agent.destroy()
  }
}

function passOn(asked: IncomingMessage, answer: ServerResponse, server: string, agent: Agent): void {
  const { method, headers } = asked
  const passed = request(new URL(asked.url ?? '/', server), { method, headers, agent }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(answer)
    response.on('error', () => answer.destroy())
  })
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}
