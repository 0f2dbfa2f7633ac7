import { applyObjects, nodeAddress } from './access.ts'
import { kubectl, sh } from './shell.ts'

const name = 'svidwatch-test-node'

/** The Service whose endpoints are the node roles of a test, as the setting `nodeFindings.service` names it. */
export const nodeService = `svidwatch-node/${name}`

/** Where this machine is in the cluster. */
export interface ThisNode {
  readonly name: string
  readonly address: string
}

export async function thisNode(): Promise<ThisNode> {
  const first = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')
  return { name: first, address: await nodeAddress() }
}

/** Makes the keys `signing.pem`, of the cluster role, and `public.pem`, of the node roles, in a folder. */
export async function makeFindingsKeys(folder: string): Promise<void> {
  await sh('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', `${folder}/signing.pem`)
  await sh('openssl', 'pkey', '-in', `${folder}/signing.pem`, '-pubout', '-out', `${folder}/public.pem`)
}

/** Creates the Service, with a node role at a port of this machine. */
export async function createNodeService(folder: string, node: ThisNode, port: number): Promise<void> {
  const spec = { clusterIP: 'None', ports: [{ name: 'metrics', port: 9797 }] }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'svidwatch-node' }, spec }
  await applyObjects(folder, service)
  await addEndpoint(folder, 'real', node, port)
}

/** Adds a node role to the Service, as the EndpointSlice controller does. */
export async function addEndpoint(folder: string, slice: string, node: ThisNode, port: number): Promise<void> {
  await applyObjects(folder, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${slice}`,
      namespace: 'svidwatch-node',
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'svidwatch-test' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'metrics', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [node.address], nodeName: node.name, conditions: { ready: true } }],
  })
}

export async function removeEndpoint(slice: string): Promise<void> {
  await kubectl('-n', 'svidwatch-node', 'delete', 'endpointslice', `${name}-${slice}`)
}
