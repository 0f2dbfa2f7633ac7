import type { Clock } from '../clock.ts'
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
export function podActs({ clock, store, placed, placement, drivers }: PodsOfWorld): PodActs {
  const find = (name: string): [PlacedPod, number] => {
    const index = placed.findIndex(({ plan }) => plan.name === name)
    const pod = placed[index]
    if (pod === undefined) throw new Error(`there is no pod ${name}`)
    return [pod, index]
  }
  return {
    unmountVolume: async (name) => find(name)[0].mount.unmount(),
    emptyVolume: async (name) => find(name)[0].mount.empty(),
    restartContainer: async (name) => restartContainer(find(name)[0], { clock, store }),
    replacePod: async (name) => {
      const [pod, index] = find(name)
      const driver = drivers.get(pod.node.name)
      await removePod(pod, store, driver)
      const next = placement.place({ ...pod.plan, fate: 'healthy' })
      placed[index] = next
      startPod(next, { clock, store, driver })
    },
  }
}
