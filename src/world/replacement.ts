import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { podsFolder } from '../sources/mountedSvids/layout.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { certificateRequests } from './certificateRequest.ts'
import type { Driver } from './driver.ts'
import { requestsOf } from './issuance.ts'
import { podObject } from './pods.ts'
import type { Workload } from './workload.ts'

/**
 * Deletes a pod with its files, and with its requests, which Kubernetes deletes after their owner. `driver` is that of its node, if
 * the node has one.
 */
export async function removePod(
  { workload, node }: { readonly workload: Workload; readonly node: { readonly kubeletRoot: string } },
  store: ObjectStore,
  driver: Driver | undefined,
): Promise<void> {
  store.delete('pods', workload.namespace, workload.pod)
  await driver?.unpublish(workload.podUid)
  await rm(join(podsFolder(node.kubeletRoot), workload.podUid), { recursive: true, force: true })
  for (const { metadata } of requestsOf(store, workload)) {
    store.delete(certificateRequests, metadata.namespace, metadata.name)
  }
}

interface StartOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  /** The driver of the pod's node, if the node has one. */
  readonly driver: Driver | undefined
}

/** Creates a pod. It runs as soon as the driver has published its volume with the first SVID. */
export function startPod(workload: Workload, { clock, store, driver }: StartOptions): void {
  const startMs = clock.now()
  store.create('pods', podObject(workload, 'starting', startMs))
  driver?.manage({
    workload,
    mount: 'none',
    nextIssuanceMs: startMs,
    onPublished: () => store.update('pods', podObject(workload, 'running', startMs)),
  })
}
