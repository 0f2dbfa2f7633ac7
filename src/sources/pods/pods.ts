import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'
import { podProjection, type PodProjectionOptions } from './projection.ts'

export interface PodsOptions extends PodProjectionOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The namespaces to watch one by one; undefined for the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
}

/** Returns a source that watches all pods: those that mount SVIDs, those that should, and those of the agents. */
export function createPods({ drivers, agents, knownAgents, agentSockets, ...options }: PodsOptions): Source {
  return reflectedSource({
    ...options,
    source: 'pods',
    path: '/api/v1/pods',
    project: podProjection({ drivers, agents, knownAgents, agentSockets }),
    onObject: ({ object }, report) => report({ kind: 'pod', pod: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'podDeleted', uid }),
  })
}
