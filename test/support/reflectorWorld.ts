import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createClientFromText, type KubernetesClient } from '../../src/kubernetes/client.ts'
import type { Credentials } from '../../src/kubernetes/credentials.ts'
import { metaOf } from '../../src/kubernetes/json.ts'
import { runReflector, type ReflectorOptions } from '../../src/kubernetes/reflector.ts'
import { startFaultyRelay, type FaultyRelay } from './faultyRelay.ts'
import { projectItem, ReflectorRecorder, type Item } from './reflectorRecorder.ts'
import { eventually } from './eventually.ts'

/** An API server on which reflectors are tested. */
export interface ReflectorHarness {
  /** Credentials that may create namespaces, and ConfigMaps in them. */
  readonly credentials: Credentials
  /** A client with the same credentials. */
  readonly client: KubernetesClient
  readonly thing: ThingResource
  /** Removes what was installed, and closes all connections. */
  close(): Promise<void>
}

/** A cluster-scoped resource of the kind `Thing` that the API server does not have until `install`. */
interface ThingResource {
  readonly apiVersion: string
  readonly path: string
  install(): Promise<void>
  /** A resourceVersion of the past from which the API server no longer knows the resource's history. */
  forgottenVersion(): Promise<string>
}

interface Reflection {
  readonly recorder: ReflectorRecorder
  /** Resolves when the reflector has ended. */
  readonly stop: () => Promise<void>
}

type ReflectOptions = Partial<Pick<ReflectorOptions<Item>, 'path' | 'pageSize' | 'resumeFrom' | 'clock'>>

/** A new namespace on an API server, a relay in front of it, and reflectors that watch ConfigMaps through the relay. */
export class ReflectorWorld {
  readonly harness: ReflectorHarness
  readonly relay: FaultyRelay
  readonly #namespace = `svidwatch-test-${randomUUID()}`
  readonly #path = `/api/v1/namespaces/${this.#namespace}/configmaps`
  readonly #stops: (() => Promise<void>)[] = []

  static async start(harness: ReflectorHarness): Promise<ReflectorWorld> {
    const world = new ReflectorWorld(harness, await startFaultyRelay(harness.credentials))
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: world.#namespace } }
    await harness.client.request('POST', '/api/v1/namespaces', { body })
    return world
  }

  private constructor(harness: ReflectorHarness, relay: FaultyRelay) {
    this.harness = harness
    this.relay = relay
  }

  async close(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
    await this.relay.close()
    await this.harness.client.request('DELETE', `/api/v1/namespaces/${this.#namespace}`)
    await this.harness.close()
  }

  /** Creates an object. Resolves with its resourceVersion, as `update` does. */
  create(name: string, value: string): Promise<string> {
    return this.#write('POST', this.#path, name, value)
  }

  update(name: string, value: string): Promise<string> {
    return this.#write('PUT', `${this.#path}/${name}`, name, value)
  }

  async delete(name: string): Promise<void> {
    await this.harness.client.request('DELETE', `${this.#path}/${name}`)
  }

  async createThing(name: string, value: string): Promise<void> {
    const { apiVersion, path } = this.harness.thing
    const body = { apiVersion, kind: 'Thing', metadata: { name }, data: { value } }
    await this.harness.client.request('POST', path, { body })
  }

  /** Creates an object of the same kind that the reflectors do not watch. Resolves with its resourceVersion. */
  async createElsewhere(): Promise<string> {
    const name = `svidwatch-test-${randomUUID()}`
    const path = '/api/v1/namespaces/default/configmaps'
    const version = await this.#write('POST', path, name, 'elsewhere')
    await this.harness.client.request('DELETE', `${path}/${name}`)
    return version
  }

  /** Starts a reflector of `path`, by default of the namespace's ConfigMaps. */
  reflect(options: ReflectOptions = {}): Reflection {
    const recorder = new ReflectorRecorder()
    const { clock = systemClock } = options
    const client = createClientFromText(this.relay.kubeconfig, clock)
    const end = new AbortController()
    const { signal } = end
    const target = { client, clock, path: this.#path, signal }
    const run = runReflector({ ...target, project: projectItem, handler: recorder, pageSize: 500, ...options })
    const stop = async () => {
      end.abort()
      await run
      client.close()
    }
    this.#stops.push(stop)
    return { recorder, stop }
  }

  async reflectUntilContact(options: ReflectOptions = {}): Promise<Reflection> {
    const reflection = this.reflect(options)
    await vi.waitFor(() => expect(reflection.recorder.log).toContain('contact'), 5000)
    await eventually(() => expect(this.lastWatchFrom()).not.toBeNaN())
    return reflection
  }

  /** Returns the resourceVersion from which the last watch began; NaN if there was no watch. */
  lastWatchFrom(): number {
    const last = this.relay.requests.findLast(({ searchParams }) => searchParams.has('resourceVersion'))
    return Number(last?.searchParams.get('resourceVersion') ?? NaN)
  }

  async #write(method: 'POST' | 'PUT', path: string, name: string, value: string): Promise<string> {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }
    return metaOf(await this.harness.client.request(method, path, { body })).resourceVersion
  }
}
