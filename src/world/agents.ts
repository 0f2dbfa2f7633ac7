import type { KubernetesObject } from './apiServer/object.ts'
import { runningPod } from './runningPod.ts'

export const driverNamespace = 'cert-manager'

/** The pod of csi-driver-spiffe's DaemonSet on one node, with the labels that its Helm chart gives it. */
export function driverPod(node: string, startMs: number): KubernetesObject {
  const name = `cert-manager-csi-driver-spiffe-driver-${node}`
  const labels = { app: 'cert-manager-csi-driver-spiffe', 'app.kubernetes.io/name': 'cert-manager-csi-driver-spiffe' }
  return runningPod({ namespace: driverNamespace, name, node, labels }, startMs)
}
