import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import type { ObjectStore } from '../../src/world/apiServer/store.ts'

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

/** Creates the pod `shop/web-1`, which runs and is ready. */
export function createPod(store: ObjectStore, fields: Partial<KubernetesObject> = {}): KubernetesObject {
  const metadata = { name: 'web-1', namespace: 'shop', labels: { app: 'web' } }
  return store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, status: ready, ...fields })
}

/** Creates a budget with this status; by default it is `shop/web`, and about `web-1`. */
export function createBudget(
  store: ObjectStore,
  status: Readonly<Record<string, number>>,
  metadata: Partial<KubernetesObject['metadata']> = {},
  matchLabels: Readonly<Record<string, string>> = { app: 'web' },
): KubernetesObject {
  return store.create('poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { selector: { matchLabels } },
    status,
  })
}

/** Returns the body of a request to evict a pod of `shop`. */
export const evictionOf = (name: string, uid?: string) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name, namespace: 'shop' },
  ...(uid !== undefined && { deleteOptions: { preconditions: { uid } } }),
})
