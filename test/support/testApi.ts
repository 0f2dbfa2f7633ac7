import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import { startApiServer, type ApiServerOptions } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { ManualClock } from './manualClock.ts'

/** An answer of the API in JSON. A plain text is in `text`. */
export interface Answer {
  readonly code: number
  readonly headers: Headers
  readonly body: {
    readonly metadata: KubernetesObject['metadata'] & { readonly continue?: string }
    readonly items: KubernetesObject[]
    readonly [field: string]: unknown
  }
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>

/** An embedded API server with its store, a clock that tests advance, and plain HTTP access. */
export async function startTestApi(access: Pick<ApiServerOptions, 'rights' | 'streamsLists' | 'onRequest'> = {}) {
  const clock = new ManualClock()
  const store = createStore(clock)
  const server = await startApiServer({ clock, store, ...access })

  function call(path: string, init: RequestInit = {}, contentType = 'application/json'): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${server.token}`)
    headers.set('content-type', contentType)
    return fetch(server.url + path, { ...init, headers })
  }

  async function request(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await call(path, { method, ...(body !== undefined && { body: text }) }, contentType)
    return { code: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] }
  }

  /** Opens a watch. `next` resolves with one event, or with undefined at the end. It throws if the connection breaks. */
  async function watch(path: string, query: Record<string, string> = {}) {
    const left = new AbortController()
    const answer = await call(`${path}?${new URLSearchParams({ watch: 'true', ...query }).toString()}`, {
      signal: left.signal,
    })
    if (answer.body === null) throw new Error(`no body in the answer to ${path}`)
    const lines = createInterface({ input: Readable.fromWeb(answer.body) })[Symbol.asyncIterator]()
    return {
      code: answer.status,
      leave: () => left.abort(),
      next: async (): Promise<WatchEvent | undefined> => {
        const { value, done } = await lines.next()
        return done === true ? undefined : (JSON.parse(value) as WatchEvent)
      },
    }
  }

  return { clock, store, server, call, request, watch, close: () => server.close() }
}

/** Returns a ConfigMap to create, or to replace an existing one with. */
export function configMap(name: string, data: Record<string, string> = {}, namespace = 'default'): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}
