import { isIPv6 } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import { createNodeFindings } from '../../src/sources/nodeFindings/nodeFindings.ts'
import { startTestApi } from './testApi.ts'

/** Returns a valid endpoint of a slice, with the changes of a test. */
export interface SliceEndpoint {
  readonly node?: string | undefined
  readonly address?: string
  readonly conditions?: Readonly<Record<string, boolean>>
}

/** Returns an EndpointSlice of the Service that the tests follow. */
export function slice(name: string, port: number, ...endpoints: readonly SliceEndpoint[]): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'svidwatch', labels: { 'kubernetes.io/service-name': 'svidwatch-node' } },
    addressType: endpoints.some(({ address = '' }) => isIPv6(address)) ? 'IPv6' : 'IPv4',
    ports: [{ name: 'metrics', port, protocol: 'TCP' }],
    endpoints: endpoints.map(({ node, address = '127.0.0.1', conditions = { ready: true } }) => ({
      addresses: [address],
      conditions,
      ...(node !== undefined && { nodeName: node }),
    })),
  }
}

/** Returns a slice with one node's endpoint, which is named like the node. */
export function endpointOf(node: string, { address, port }: { address: string; port: number }): KubernetesObject {
  return slice(node, port, { node, address })
}

/** Starts the source in a cluster with these slices, on a clock that tests advance. Returns it with its observations. */
export async function startNodeFindings(...slices: readonly KubernetesObject[]) {
  const api = await startTestApi()
  const { clock, store } = api
  slices.forEach((one) => store.create('endpointslices', one))
  const client = createClientFromText(api.server.kubeconfig, clock)
  const observations: Observation[] = []
  const signer = { tokenFor: (node: string): Promise<string> => Promise.resolve(`token-for-${node}`) }
  const source = createNodeFindings({
    client,
    clock,
    pageSize: 500,
    service: { namespace: 'svidwatch', name: 'svidwatch-node' },
    signer,
  })
  const stop = new AbortController()
  source.start((observation) => observations.push(observation), stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await source.close()
    client.close()
    await api.close()
  })
  return {
    clock,
    api,
    signer,
    observations,
    close: () => source.close(),
    publish: (one: KubernetesObject) => store.update('endpointslices', one),
    withdraw: (name: string) => store.delete('endpointslices', 'svidwatch', name),
    /** Returns the observations of one node, a short text each. */
    nodeLog: (node: string) => observations.flatMap((observation) => nodeEntry(observation, node)),
    /** Returns the contact and trouble of the source itself, a short text each. */
    sourceLog: () => observations.flatMap(sourceEntry),
    rejected: () => observations.filter((observation) => observation.kind === 'rejected'),
    /** Waits for an assertion to hold while real sockets work and the clock stands still. */
    until: (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 5000, interval: 2 }),
  }
}

function nodeEntry(observation: Observation, node: string): string[] {
  if (!('node' in observation) || observation.node !== node) return []
  switch (observation.kind) {
    case 'mounted':
      return [`mounted ${observation.mounted.podUid}/${observation.mounted.volume}`]
    case 'unmounted':
      return [`unmounted ${observation.podUid}/${observation.volume}`]
    case 'nodeTrouble':
      return [`trouble ${observation.reason}`]
    default:
      return [observation.kind]
  }
}

function sourceEntry(observation: Observation): string[] {
  if (observation.kind === 'contact') return ['contact']
  return observation.kind === 'trouble' ? [`trouble ${observation.reason}`] : []
}
