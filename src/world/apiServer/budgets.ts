import { isRecord } from './mergePatch.ts'
import type { KubernetesObject } from './object.ts'

/** The resource of PodDisruptionBudgets. */
export const budgets = 'poddisruptionbudgets'

/** Reports whether a budget is about a pod. Of selectors, only `matchLabels` is read. An empty one selects nothing. */
export function isUnder({ spec }: KubernetesObject, { metadata: { labels = {} } }: KubernetesObject): boolean {
  const selector = isRecord(spec) && isRecord(spec.selector) ? spec.selector.matchLabels : undefined
  const required = Object.entries(isRecord(selector) ? selector : {})
  return required.length > 0 && required.every(([label, value]) => labels[label] === value)
}

/** Reports whether a pod has the condition Ready. */
export function isReady({ status }: KubernetesObject): boolean {
  const conditions: unknown = isRecord(status) ? status.conditions : undefined
  if (!Array.isArray(conditions)) return false
  return conditions.some((one) => isRecord(one) && one.type === 'Ready' && one.status === 'True')
}
