import type { KubernetesObject } from './apiServer/object.ts'
import { kubernetesTime } from './certificateRequest.ts'

interface PodOutline {
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly labels?: Record<string, string>
  /** What its spec has beside its node and its container. */
  readonly spec?: Readonly<Record<string, unknown>>
}

/** The Pod object of a pod without SVIDs, as the API shows it once it runs and is ready. */
export function runningPod({ namespace, name, node, labels, spec }: PodOutline, startMs: number): KubernetesObject {
  const startTime = kubernetesTime(startMs)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, creationTimestamp: startTime },
    spec: { nodeName: node, restartPolicy: 'Always', containers: [{ name: 'main', image: 'main:demo' }], ...spec },
    status: {
      phase: 'Running',
      startTime,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: startTime }],
      containerStatuses: [{ name: 'main', ready: true, state: { running: { startedAt: startTime } } }],
    },
  }
}
