import type { Clock } from '../clock.ts'
import { driverNamespace, driverPod } from './agents.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { bystanderPods, namespaceObject } from './bystanders.ts'
import { nodeRoleService } from './nodeRoles.ts'
import { csiNodeObject, nodeObject, type NodeIdentity } from './nodes.ts'

interface ClusterNode extends NodeIdentity {
  readonly hasDriver: boolean
}

/** How long the cluster has been there. */
const ageMs = 3_600_000

/** Creates everything around the pods with SVIDs: nodes, the driver's pods, pods without SVIDs, and all namespaces. */
export function seedCluster(
  store: ObjectStore,
  clock: Clock,
  nodes: readonly ClusterNode[],
  namespaces: string[],
): void {
  const startMs = clock.now() - ageMs
  for (const node of nodes) {
    store.create('nodes', nodeObject(node))
    store.create('csinodes', csiNodeObject(node, node.hasDriver))
    if (node.hasDriver) store.create('pods', driverPod(node.name, startMs))
  }
  const bystanders = bystanderPods(startMs)
  for (const pod of bystanders) store.create('pods', pod)
  const ofBystanders = bystanders.map(({ metadata }) => metadata.namespace ?? '')
  const all = new Set([...namespaces, ...ofBystanders, driverNamespace, nodeRoleService.namespace])
  for (const namespace of all) store.create('namespaces', namespaceObject(namespace))
}
