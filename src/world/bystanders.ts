import type { KubernetesObject } from './apiServer/object.ts'
import { runningPod } from './runningPod.ts'

/** Pods that have no SVID: one where all should have some, and one that shares the process namespace of its node. */
export function bystanderPods(startMs: number): KubernetesObject[] {
  return [
    runningPod({ namespace: 'legacy', name: 'invoices-7d9c5b8f64-bq3ms', node: 'node-2' }, startMs),
    runningPod(
      { namespace: 'platform', name: 'node-exporter-8xk2c', node: 'node-1', spec: { hostPID: true } },
      startMs,
    ),
  ]
}

/** A namespace; that of the old application is labelled to say that its pods should all have SVIDs by now. */
export function namespaceObject(name: string): KubernetesObject {
  const labels = name === 'legacy' ? { 'svidwatch.io/svids': 'expected' } : undefined
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels }, spec: {}, status: { phase: 'Active' } }
}
