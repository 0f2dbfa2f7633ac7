import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { KubernetesObject } from './apiServer/object.ts'
import { kubernetesTime } from './certificateRequest.ts'
import type { Fate } from './population.ts'
import type { Workload } from './workload.ts'

/** Returns the Pod object of a workload whose pod was created at `startMs`. */
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

interface PodOutline {
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly labels?: Record<string, string>
  /** Further fields of the pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>
}

/** Returns the Pod object of a pod without SVIDs that is running and ready. */
function runningPod({ namespace, name, node, labels, spec }: PodOutline, startMs: number): KubernetesObject {
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

export const driverNamespace = 'cert-manager'

/** Returns the pod of csi-driver-spiffe's DaemonSet on one node, with the labels that the Helm chart gives it. */
export function driverPod(node: string, startMs: number): KubernetesObject {
  const name = `cert-manager-csi-driver-spiffe-driver-${node}`
  const labels = { app: 'cert-manager-csi-driver-spiffe', 'app.kubernetes.io/name': 'cert-manager-csi-driver-spiffe' }
  return runningPod({ namespace: driverNamespace, name, node, labels }, startMs)
}

/**
 * Returns two pods without an SVID: one in a namespace where all pods should have one, and one that shares the process namespace
 * of its node.
 */
export function podsWithoutSvid(startMs: number): KubernetesObject[] {
  return [
    runningPod({ namespace: 'legacy', name: 'invoices-7d9c5b8f64-bq3ms', node: 'node-2' }, startMs),
    runningPod(
      { namespace: 'platform', name: 'node-exporter-8xk2c', node: 'node-1', spec: { hostPID: true } },
      startMs,
    ),
  ]
}
