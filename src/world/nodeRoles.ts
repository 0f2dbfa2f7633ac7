import type { KubernetesObject } from './apiServer/object.ts'

/** The headless Service of svidwatch's node roles. */
export const nodeRoleService = { namespace: 'svidwatch-node', name: 'svidwatch-node' } as const

/**
 * One node role as an endpoint of the Service. All endpoints of a slice have the same ports: in one process each node role
 * needs a slice of its own.
 */
export function endpointSlice(node: string, url: string): KubernetesObject {
  const { hostname, port } = new URL(url)
  const { namespace, name } = nodeRoleService
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${name}-${node}`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: [hostname], nodeName: node, conditions: { ready: true, serving: true, terminating: false } },
    ],
    ports: [{ name: 'metrics', port: Number(port), protocol: 'TCP' }],
  }
}
