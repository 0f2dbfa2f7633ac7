import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { KubernetesObject } from './apiServer/object.ts'

/** The name and the uid of a node in the API. */
export interface NodeIdentity {
  readonly name: string
  readonly uid: string
}

export interface NodePlan {
  readonly name: string
  /** Whether csi-driver-spiffe runs there. */
  readonly hasDriver: boolean
}

/** The nodes of the demo. The last one has no driver, although a pod there needs it. */
export const nodePlans: readonly NodePlan[] = [
  { name: 'node-1', hasDriver: true },
  { name: 'node-2', hasDriver: true },
  { name: 'node-3', hasDriver: false },
]

export function nodeObject({ name, uid }: NodeIdentity): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] },
  }
}

/** Returns the CSINode object, in which the kubelet lists the CSI drivers of the node. */
export function csiNodeObject({ name, uid }: NodeIdentity, hasDriver: boolean): KubernetesObject {
  const drivers = hasDriver ? [{ name: spiffeDriver.name, nodeID: name, topologyKeys: null }] : null
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
    spec: { drivers },
  }
}
