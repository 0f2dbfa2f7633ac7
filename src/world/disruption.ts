import { budgets, isReady, isUnder } from './apiServer/budgets.ts'
import { isRecord } from './apiServer/mergePatch.ts'
import type { KubernetesObject } from './apiServer/object.ts'
import type { ObjectStore } from './apiServer/store.ts'

/**
 * Keeps the status of each PodDisruptionBudget up to date, as the disruption controller does. It knows `minAvailable` as a number, and
 * selectors with `matchLabels`. Returns a function that ends this.
 */
export function startDisruptionController(store: ObjectStore): () => void {
  let isDue = false
  const look = () => {
    isDue = false
    for (const budget of store.list(budgets)) store.update(budgets, { ...budget, status: statusOf(budget, store) })
  }
  const lookSoon = () => {
    if (isDue) return
    isDue = true
    // Whoever follows the store must hear of this change before the next one.
    void Promise.resolve().then(look)
  }
  const unfollow = ['pods', budgets].map((resource) => store.follow(resource, store.revision, lookSoon))
  return () => unfollow.forEach((end) => end())
}

function statusOf(budget: KubernetesObject, store: ObjectStore): Record<string, unknown> {
  const { metadata, spec, status } = budget
  const pods = store.list('pods', metadata.namespace).filter((pod) => isUnder(budget, pod))
  const disrupted = isRecord(status) && isRecord(status.disruptedPods) ? status.disruptedPods : {}
  const names = new Set(pods.map((pod) => pod.metadata.name))
  const disruptedPods = Object.fromEntries(Object.entries(disrupted).filter(([name]) => names.has(name)))
  const isHealthy = (pod: KubernetesObject) =>
    isReady(pod) && pod.metadata.deletionTimestamp === undefined && !Object.hasOwn(disruptedPods, pod.metadata.name)
  const currentHealthy = pods.filter(isHealthy).length
  const desiredHealthy = isRecord(spec) ? Number(spec.minAvailable ?? 0) : 0
  return {
    ...{ currentHealthy, desiredHealthy, expectedPods: pods.length, disruptedPods },
    disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
    observedGeneration: Number(metadata.generation ?? 0),
  }
}
