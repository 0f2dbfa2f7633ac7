import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { KubernetesObject } from './apiServer/object.ts'
import { kubernetesTime } from './certificateRequest.ts'
import type { Workload } from './workload.ts'

/** How far a pod is: it waits for its volume, its container runs, or its container has completed. */
export type PodState = 'starting' | 'running' | 'ended'

/** Returns the Pod object of a workload whose pod was created at `startMs`, and its container a second later by default. */
export function podObject(
  workload: Workload,
  state: PodState,
  startMs: number,
  containerStartMs = startMs + 1000,
): KubernetesObject {
  const { namespace, pod, podUid, node, serviceAccount, volume, podIp, labels, controller } = workload
  const startTime = kubernetesTime(startMs)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name: pod, namespace, uid: podUid, creationTimestamp: startTime },
      labels: { 'app.kubernetes.io/name': serviceAccount, ...labels },
      ...(controller && { ownerReferences: [controller] }),
    },
    spec: {
      nodeName: node.name,
      serviceAccountName: serviceAccount,
      restartPolicy: state === 'ended' ? 'Never' : 'Always',
      containers: [containerOf(workload)],
      volumes: [{ name: volume, csi: { driver: spiffeDriver.name, readOnly: true } }],
    },
    status: {
      phase: phases[state],
      startTime,
      conditions: [{ type: 'Ready', status: state === 'running' ? 'True' : 'False', lastTransitionTime: startTime }],
      ...(podIp !== undefined && { podIP: podIp, podIPs: [{ ip: podIp }] }),
      containerStatuses: [{ name: 'main', ready: state === 'running', state: containerState(state, containerStartMs) }],
    },
  }
}

/** The port of each TLS server in this world. */
export const serverPort = 8443

function containerOf({ serviceAccount, volume, serves, bySubPath }: Workload) {
  const folder = '/var/run/secrets/spiffe.io'
  const file = spiffeDriver.certificateFile
  const mount = bySubPath ? { mountPath: `${folder}/${file}`, subPath: file } : { mountPath: folder }
  return {
    name: 'main',
    image: `${serviceAccount}:demo`,
    ...(serves !== undefined && { ports: [{ name: 'https', containerPort: serverPort, protocol: 'TCP' }] }),
    volumeMounts: [{ name: volume, ...mount, readOnly: true }],
  }
}

const phases: Readonly<Record<PodState, string>> = { starting: 'Pending', running: 'Running', ended: 'Succeeded' }

function containerState(state: PodState, startMs: number) {
  const startedAt = kubernetesTime(startMs)
  switch (state) {
    case 'starting':
      return { waiting: { reason: 'ContainerCreating' } }
    case 'ended':
      return {
        terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: kubernetesTime(startMs + 9_000) },
      }
    case 'running':
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
