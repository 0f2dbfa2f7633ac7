import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'
import { podProjection, type PodProjectionOptions } from './projection.ts'

/**
 * Pods are known as of the last evidence of their watch, which is a bookmark at the end of each watch where nothing else happens. An
 * SVID without a request is not judged before its pod was seen after its renewal was due.
 */
const longestWatchS = 30

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
    longestWatchS: () => longestWatchS,
    project: podProjection({ drivers, agents, knownAgents, agentSockets }),
    onObject: ({ object }, report) => report({ kind: 'pod', pod: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'podDeleted', uid }),
  })
}
