import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import { reflectedSource } from '../reflectedSource.ts'
import { probedPodProjection } from '../servedSvids/probedPod.ts'
import type { ProbedPods } from '../servedSvids/probedPods.ts'
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
  /** Learns where pods with SVIDs are probed; undefined if they are not. */
  readonly probes?: ProbesOfPods | undefined
}

/** Where pods are probed, and the names of the container ports that are probed in pods that name none. */
export interface ProbesOfPods {
  readonly pods: ProbedPods
  readonly portNames: readonly string[]
}

/** Returns a source that watches all pods: those that mount SVIDs, those that should, and those of the agents. */
export function createPods({ drivers, agents, knownAgents, agentSockets, probes, ...options }: PodsOptions): Source {
  const project = podProjection({ drivers, agents, knownAgents, agentSockets })
  const probedPod = probes && probedPodProjection(probes.portNames)
  const source = reflectedSource({
    ...options,
    source: 'pods',
    path: '/api/v1/pods',
    longestWatchS: () => longestWatchS,
    project: (raw) => {
      const pod = project(raw)
      return { pod, probed: probedPod?.(raw, pod) }
    },
    onObject({ object: { pod, probed } }, report, namespace) {
      report({ kind: 'pod', pod })
      probes?.pods.seen(pod.uid, probed, namespace)
    },
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'podDeleted', uid }),
  })
  if (probes === undefined) return source
  return {
    ...source,
    start: (report, signal) =>
      source.start((observation) => {
        report(observation)
        probes.pods.observe(observation)
      }, signal),
  }
}
