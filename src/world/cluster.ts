import type { Clock } from '../clock.ts'
import type { KubernetesObject } from './apiServer/object.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { nodeRoleService } from './nodeRoles.ts'
import { csiNodeObject, nodeObject, type NodeIdentity } from './nodes.ts'
import { driverNamespace, driverPod, podsWithoutSvid } from './pods.ts'

interface ClusterNode extends NodeIdentity {
  readonly hasDriver: boolean
}

/** The age of the cluster. */
const ageMs = 3_600_000

/**
 * Creates everything but the pods with SVIDs: nodes, the pods of the driver, pods without an SVID, and all namespaces, to which
 * `namespaces` belong.
 */
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
  const otherPods = podsWithoutSvid(startMs)
  for (const pod of otherPods) store.create('pods', pod)
  const otherNamespaces = otherPods.map(({ metadata }) => metadata.namespace ?? '')
  const allNamespaces = new Set([...namespaces, ...otherNamespaces, driverNamespace, nodeRoleService.namespace])
  for (const namespace of allNamespaces) store.create('namespaces', namespaceObject(namespace))
}

/** Deletes the driver's pod of a node. The kubelet then no longer lists the driver in the CSINode. */
export function unregisterDriver(store: ObjectStore, node: string): void {
  const { metadata } = driverPod(node, 0)
  store.delete('pods', metadata.namespace, metadata.name)
  const csiNode = store.get('csinodes', undefined, node)
  if (csiNode !== undefined) store.update('csinodes', { ...csiNode, spec: { drivers: null } })
}

/** Returns a Namespace. The label of `legacy` says that all of its pods should have SVIDs. */
export function namespaceObject(name: string): KubernetesObject {
  const labels = name === 'legacy' ? { 'svidwatch.io/svids': 'expected' } : undefined
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels }, spec: {}, status: { phase: 'Active' } }
}
