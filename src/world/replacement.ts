import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { podsFolder } from '../sources/mountedSvids/layout.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { certificateRequests } from './certificateRequest.ts'
import type { Driver } from './driver.ts'
import { containerStartMs } from './mount.ts'
import type { PlacedPod } from './placement.ts'
import { requestsOf } from './issuance.ts'
import { podObject } from './pods.ts'

/**
 * Deletes a pod, if it is still there, with its files, and with its requests, which Kubernetes deletes after their owner. `driver` is that of its node, if
 * the node has one.
 */
export async function removePod(
  { workload, node, server }: Pick<PlacedPod, 'workload' | 'node' | 'server'>,
  store: ObjectStore,
  driver: Driver | undefined,
): Promise<void> {
  const object = store.get('pods', workload.namespace, workload.pod)
  if (object?.metadata.uid === workload.podUid) store.delete('pods', workload.namespace, workload.pod)
  await server?.close()
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
export function startPod({ workload, mount }: PlacedPod, { clock, store, driver }: StartOptions): void {
  const startMs = clock.now()
  store.create('pods', podObject(workload, 'starting', startMs))
  const onPublished = async () =>
    void store.update('pods', podObject(workload, 'running', startMs, await containerStartMs(mount, clock)))
  driver?.manage({ workload, mount, isPublished: true, nextIssuanceMs: startMs, onPublished })
}

/** Starts the container of a running pod anew: it gets the mount that the host has now. */
export async function restartContainer(
  { workload, mount }: PlacedPod,
  { clock, store }: Pick<StartOptions, 'clock' | 'store'>,
): Promise<void> {
  await mount.restartContainers()
  const pod = store.get('pods', workload.namespace, workload.pod)
  const startMs = Date.parse(pod?.metadata.creationTimestamp ?? '')
  store.update('pods', podObject(workload, 'running', startMs, await containerStartMs(mount, clock)))
}
