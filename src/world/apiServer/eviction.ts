import type { Clock } from '../../clock.ts'
import { budgets, isReady, isUnder } from './budgets.ts'
import { isRecord } from './mergePatch.ts'
import type { KubernetesObject } from './object.ts'
import { ApiError } from './status.ts'
import type { ObjectStore } from './store.ts'
import { checkPreconditions, readObject, type ObjectTarget } from './writes.ts'

/**
 * POST of an Eviction (pkg/registry/core/pod/storage/eviction.go). Returns the Status that is sent with 201. That is also so for a pod
 * with two budgets, although the Status is that of a failure. Throws ApiError.
 */
export function evictPod(store: ObjectStore, clock: Clock, target: ObjectTarget, body: unknown): unknown {
  const { deleteOptions, metadata } = isRecord(body) ? body : {}
  if (!isRecord(metadata) || metadata.name !== target.name) {
    throw new ApiError('BadRequest', 'name in URL does not match name in Eviction object')
  }
  const pod = readObject(store, target)
  const [budget, ...others] = isBeyondBudgets(pod) ? [] : budgetsOf(store, pod)
  if (others.length > 0) return { ...head, status: 'Failure', message: severalBudgets, code: 500 }
  if (budget !== undefined && !isOutsideOf(budget, pod)) spend(store, clock, budget, target.name)
  deleteSoon(store, clock, target, pod, deleteOptions)
  return { ...head, status: 'Success', code: 201 }
}

const head = { kind: 'Status', apiVersion: 'v1', metadata: {} }
const severalBudgets =
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'

/** A pod that waits, has ended, or is being deleted is evicted whatever its budgets say. */
function isBeyondBudgets({ metadata, status }: KubernetesObject): boolean {
  const phase = isRecord(status) ? status.phase : undefined
  return metadata.deletionTimestamp !== undefined || ['Pending', 'Succeeded', 'Failed'].includes(String(phase))
}

function budgetsOf(store: ObjectStore, pod: KubernetesObject): KubernetesObject[] {
  return store.list(budgets, pod.metadata.namespace).filter((budget) => isUnder(budget, pod))
}

/** A pod that is not ready is not counted by its budget, and may go where enough others are healthy. */
function isOutsideOf(budget: KubernetesObject, pod: KubernetesObject): boolean {
  const { currentHealthy, desiredHealthy } = countsOf(budget)
  return !isReady(pod) && currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** The largest number of evictions that the disruption controller has not seen yet. */
const maxDisruptedPods = 2000

/** Takes one disruption from the budget, or throws. */
function spend(store: ObjectStore, clock: Clock, budget: KubernetesObject, pod: string): void {
  const { name, generation = 0 } = budget.metadata
  const { disruptionsAllowed, currentHealthy, desiredHealthy, observedGeneration } = countsOf(budget)
  const status = isRecord(budget.status) ? budget.status : {}
  const disrupted = isRecord(status.disruptedPods) ? status.disruptedPods : {}
  if (observedGeneration < Number(generation)) {
    throw tooManyDisruptions(`The disruption budget ${name} is still being processed by the server.`, 10)
  }
  if (disruptionsAllowed < 0) throw odd(name, 'pdb disruptions allowed is negative')
  if (Object.keys(disrupted).length > maxDisruptedPods) {
    throw odd(name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (disruptionsAllowed === 0) {
    const needs = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    throw tooManyDisruptions(`The disruption budget ${name} ${needs}`)
  }
  const disruptedPods = { ...disrupted, [pod]: new Date(clock.now()).toISOString() }
  store.update(budgets, {
    ...budget,
    status: { ...status, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods },
  })
}

function countsOf({ status }: KubernetesObject) {
  const count = (name: string) => (isRecord(status) ? Number(status[name] ?? 0) : 0)
  return {
    disruptionsAllowed: count('disruptionsAllowed'),
    currentHealthy: count('currentHealthy'),
    desiredHealthy: count('desiredHealthy'),
    observedGeneration: count('observedGeneration'),
  }
}

function tooManyDisruptions(message: string, retryAfterSeconds?: number): ApiError {
  const causes = [{ reason: 'DisruptionBudget', message }]
  const details = { causes, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
  return new ApiError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", details)
}

function odd(name: string, why: string): ApiError {
  const details = { name, group: 'policy', kind: 'poddisruptionbudget' }
  return new ApiError('Forbidden', `poddisruptionbudget.policy "${name}" is forbidden: ${why}`, details)
}

/** A pod with a grace period in its spec is being deleted for so long; another one is gone at once. */
function deleteSoon(
  store: ObjectStore,
  clock: Clock,
  target: ObjectTarget,
  pod: KubernetesObject,
  options: unknown,
): void {
  const seconds = isRecord(pod.spec) ? Number(pod.spec.terminationGracePeriodSeconds ?? 0) : 0
  const { uid, deletionTimestamp: leavingSince } = pod.metadata
  checkPreconditions(target, options, pod.metadata)
  if (leavingSince !== undefined) return
  if (seconds === 0) {
    store.delete('pods', target.namespace, target.name)
    return
  }
  const deletionTimestamp = new Date(clock.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
  const metadata = { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds }
  store.update('pods', { ...pod, metadata })
  void clock.sleep(seconds * 1000).then(() => {
    const left = store.get('pods', target.namespace, target.name)
    if (left?.metadata.uid === uid) store.delete('pods', target.namespace, target.name)
  })
}
