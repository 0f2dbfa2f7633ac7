import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { CsiNodeObservation } from '../../ledger/nodes/observations.ts'
import { agentsOfDrivers, type Agent } from '../agent.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'

export interface CsiNodesOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  readonly agents: readonly Agent[]
}

/** Returns a source that watches CSINodes, which list the CSI drivers of each node, and reports the agents among them. */
export function createCsiNodes({ agents, ...options }: CsiNodesOptions): Source {
  return reflectedSource({
    ...options,
    source: 'csiNodes',
    path: '/apis/storage.k8s.io/v1/csinodes',
    project: (raw) => projectCsiNode(raw, agents),
    onObject: ({ object }, report) => report({ kind: 'csiNode', csiNode: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'csiNodeDeleted', uid }),
  })
}

function projectCsiNode(raw: unknown, agents: readonly Agent[]): CsiNodeObservation {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const drivers = object.object('spec').objects('drivers')
  return {
    uid: metadata.requiredName('uid'),
    name: metadata.requiredObjectName('name'),
    agents: agentsOfDrivers(
      agents,
      drivers.map((driver) => driver.requiredName('name')),
    ),
  }
}
