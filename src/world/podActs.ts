import type { Clock } from '../clock.ts'
import { decodeObject } from './apiServer/object.ts'
import type { ObjectStore } from './apiServer/store.ts'
import type { Driver } from './driver.ts'
import type { PlacedPod, Placement } from './placement.ts'
import { removePod, restartContainer, startPod } from './replacement.ts'

/** What can be done to a pod, which is named. Each throws if there is no such pod. */
export interface PodActs {
  /** Unmounts the volume on the host. The next renewal makes a new mount, which running containers do not see. */
  unmountVolume(pod: string): Promise<void>
  /** Removes the files of the volume. The next renewal writes new ones. */
  emptyVolume(pod: string): Promise<void>
  /** Starts the container of a running pod anew, and so its server. It gets the mount that the host has now. */
  restartContainer(pod: string): Promise<void>
  /**
   * Replaces the pod as a StatefulSet does: it is deleted, and another one with the same name, on the same node and with a new uid and
   * address, gets an SVID and is healthy. Resolves before it has one.
   */
  replacePod(pod: string): Promise<void>
}

interface PodsOfWorld {
  readonly clock: Clock
  readonly store: ObjectStore
  /** All pods; one that is replaced has the place of the one before. */
  readonly placed: PlacedPod[]
  readonly placement: Placement
  /** By node. */
  readonly drivers: ReadonlyMap<string, Driver>
}

/** Returns what can be done to the pods of a world. */
export function podActs(pods: PodsOfWorld): PodActs {
  const { clock, store, placed } = pods
  const find = (name: string): PlacedPod => {
    const pod = placed.find(({ plan }) => plan.name === name)
    if (pod === undefined) throw new Error(`there is no pod ${name}`)
    return pod
  }
  return {
    unmountVolume: async (name) => find(name).mount.unmount(),
    emptyVolume: async (name) => find(name).mount.empty(),
    restartContainer: async (name) => restartContainer(find(name), { clock, store }),
    replacePod: async (name) => {
      await replace(pods, find(name), name)
    },
  }
}

/**
 * Brings back the pods that are deleted or evicted through the API, as their controllers do. A pod without one is gone. Returns a
 * function that ends this, and resolves when nothing is being replaced any more.
 */
export function followDeletions(pods: PodsOfWorld): () => Promise<unknown> {
  const { store, placed, placement } = pods
  const replacements: Promise<void>[] = []
  const unfollow = store.follow('pods', store.revision, ({ previous, current }) => {
    if (previous === undefined || current !== undefined) return
    const { uid } = decodeObject(previous).metadata
    const pod = placed.find(({ workload }) => workload.podUid === uid)
    if (pod !== undefined) replacements.push(replace(pods, pod, placement.controllers.nextName(pod.plan)))
  })
  return () => {
    unfollow()
    return Promise.all(replacements)
  }
}

/** Removes a pod, and starts another one in its place if that has a name. */
async function replace(
  { clock, store, placed, placement, drivers }: PodsOfWorld,
  pod: PlacedPod,
  name: string | undefined,
): Promise<void> {
  const index = placed.indexOf(pod)
  const next = name === undefined ? [] : [placement.place({ ...pod.plan, name, fate: 'healthy' })]
  placed.splice(index, 1, ...next)
  const driver = drivers.get(pod.node.name)
  await removePod(pod, store, driver)
  for (const started of next) startPod(started, { clock, store, driver })
}
