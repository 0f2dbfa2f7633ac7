import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { NodeObservation } from '../../ledger/nodes/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'

export interface NodesOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

/** Returns a source that watches the nodes of the cluster. */
export function createNodes(options: NodesOptions): Source {
  return reflectedSource({
    ...options,
    source: 'nodes',
    path: '/api/v1/nodes',
    project: projectNode,
    onObject: ({ object }, report) => report({ kind: 'node', node: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'nodeDeleted', uid }),
  })
}

function projectNode(raw: unknown): NodeObservation {
  const metadata = new KubernetesObject(raw).object('metadata')
  return { uid: metadata.requiredName('uid'), name: metadata.requiredObjectName('name') }
}
