import { randomUUID } from 'node:crypto'
import type { OwnerReference } from './apiServer/object.ts'
import type { ControllerKind, PodPlan } from './population.ts'

/** What the name of a pod has after that of its controller. */
const suffix = /-[^-]+$/

const apiVersions: Readonly<Record<ControllerKind, string>> = {
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
}

/** The controllers of a world: they own pods, and give names to the pods that they bring back. */
export class Controllers {
  readonly #uids = new Map<string, string>()
  #named = 0

  /** Returns the controller that owns the planned pod; undefined if none does. */
  ownerOf({ controller: kind, namespace, name: pod }: PodPlan): OwnerReference | undefined {
    if (kind === undefined) return undefined
    const name = pod.replace(suffix, '')
    const key = `${kind}/${namespace}/${name}`
    const uid = this.#uids.get(key) ?? randomUUID()
    this.#uids.set(key, uid)
    return { apiVersion: apiVersions[kind], kind, name, uid, controller: true }
  }

  /** Returns the name of the pod that takes the place of one that was deleted; undefined if nothing brings it back. */
  nextName({ controller, name }: PodPlan): string | undefined {
    if (controller === undefined || controller === 'StatefulSet') return controller && name
    this.#named += 1
    return name.replace(suffix, `-${this.#named.toString(36).padStart(5, '0')}`)
  }
}
