import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { KubernetesObject } from './apiServer/object.ts'
import { kubernetesTime } from './certificateRequest.ts'
import type { Fate } from './population.ts'
import type { Workload } from './workload.ts'

/** A workload's Pod object, as the API shows it after the pod was started at `startMs`. */
export function podObject(workload: Workload, fate: Fate, startMs: number): KubernetesObject {
  const { namespace, pod, podUid, node, serviceAccount, volume } = workload
  const volumeMounts = [{ name: volume, mountPath: '/var/run/secrets/spiffe.io', readOnly: true }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace, uid: podUid, creationTimestamp: kubernetesTime(startMs) },
    spec: {
      nodeName: node.name,
      serviceAccountName: serviceAccount,
      restartPolicy: fate === 'ended' ? 'Never' : 'Always',
      containers: [{ name: 'main', image: `${serviceAccount}:demo`, volumeMounts }],
      volumes: [{ name: volume, csi: { driver: spiffeDriver.name, readOnly: true } }],
    },
    status: {
      phase: phases[fate],
      startTime: kubernetesTime(startMs),
      containerStatuses: [{ name: 'main', ready: phases[fate] === 'Running', state: containerState(fate, startMs) }],
    },
  }
}

const phases: Readonly<Record<Fate, string>> = {
  healthy: 'Running',
  stuck: 'Running',
  denied: 'Pending',
  deadMount: 'Running',
  unserved: 'Pending',
  ended: 'Succeeded',
}

function containerState(fate: Fate, startMs: number) {
  const startedAt = kubernetesTime(startMs + 1000)
  switch (fate) {
    case 'denied':
    case 'unserved':
      return { waiting: { reason: 'ContainerCreating' } }
    case 'ended':
      return {
        terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: kubernetesTime(startMs + 10_000) },
      }
    case 'healthy':
    case 'stuck':
    case 'deadMount':
      return { running: { startedAt } }
  }
}
