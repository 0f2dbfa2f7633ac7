import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { stringify } from 'yaml'
import type { Clock } from '../../clock.ts'
import { handleRequest } from './handler.ts'
import {
  builtInResources,
  certificateRequests,
  ServedResources,
  trustManagerResources,
  type ResourceType,
} from './resources.ts'
import type { Right } from './rights.ts'
import type { ObjectStore } from './store.ts'

export interface ApiServerOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  /** The resources to serve; by default all in resources.ts. */
  readonly resources?: Iterable<ResourceType>
  /** The bearer token that requests must carry; by default a random one. */
  readonly token?: string
  /** The rights of the token; by default it may do everything. */
  readonly rights?: readonly Right[] | undefined
  /** Whether it has streaming lists, as API servers from Kubernetes 1.32 on; true by default. */
  readonly streamsLists?: boolean
  /** Called for each request that has the token, such as `GET`, `/api/v1/pods?limit=500`. */
  readonly onRequest?: ((method: string, url: string) => void) | undefined
  /** 0, the default, takes any free port. */
  readonly port?: number
}

/** A Kubernetes API on 127.0.0.1, over plain HTTP. */
export interface ApiServer {
  readonly url: string
  /** The YAML of a kubeconfig whose current context is this server. */
  readonly kubeconfig: string
  readonly token: string
  /** Serves a resource from now on, as after its CustomResourceDefinition was created. */
  install(type: ResourceType): void
  /** Deletes all objects of a resource, ends its watches and serves it no longer, as after its CustomResourceDefinition was deleted. */
  uninstall(type: ResourceType): void
  /** Closes every open connection abruptly, as a crash does. */
  dropConnections(): void
  /** Resolves when every connection is closed. It may be called again. */
  close(): Promise<void>
}

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, store, token = randomUUID(), port = 0, rights, streamsLists = true, onRequest } = options
  const resources = new ServedResources(
    options.resources ?? [...builtInResources, certificateRequests, ...trustManagerResources],
  )
  const backend = { clock, store, resources, token, rights, streamsLists, onRequest }
  const server = createServer((request, response) => void handleRequest(backend, request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? port) : port}`
  return {
    url,
    kubeconfig: kubeconfigOf(url, token),
    token,
    install: (type) => resources.add(type),
    uninstall(type) {
      for (const { metadata } of store.list(type.plural)) store.delete(type.plural, metadata.namespace, metadata.name)
      resources.delete(type)
    },
    dropConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function kubeconfigOf(server: string, token: string): string {
  const name = 'svidwatch-demo'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}
