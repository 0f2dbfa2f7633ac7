import { messageOf } from '../errors.ts'
import type { KubernetesClient, RequestOptions } from './client.ts'
import { isRecord } from './json.ts'
import { KubernetesError, refusal } from './kubernetesError.ts'
import { lookAtPod, podPath, type PodReference } from './podState.ts'

/**
 * What the answer to an eviction means:
 * - `evicted`: the API server deletes the pod.
 * - `gone`, `replaced`: the pod is no longer there, or another one has its name. Nothing was done.
 * - `held`: a PodDisruptionBudget does not allow it now.
 * - `throttled`: the API server is busy, or the pod was changed at the same time.
 * - `several_budgets`, `odd_budget`: the budgets of the pod are not in order, so that nothing can evict it until somebody mends them.
 * - `forbidden`: a right is missing, or an admission webhook says no.
 * - `refused`: the API server does not take the request, and nothing was done.
 * - `unknown`: no answer, or one that does not say whether it was done. It may have been done, or may still be. Look at the pod.
 */
export type EvictionCode =
  | 'evicted'
  | 'gone'
  | 'replaced'
  | 'held'
  | 'throttled'
  | 'several_budgets'
  | 'odd_budget'
  | 'forbidden'
  | 'refused'
  | 'unknown'

export interface Eviction {
  readonly code: EvictionCode
  /** The words of the API server, or what is wrong; undefined if the pod is evicted. */
  readonly detail?: string
  /** How long the API server asks to wait. */
  readonly retryAfterMs?: number | undefined
}

type Limits = Pick<RequestOptions, 'signal' | 'timeoutMs'>

/** Evicts one pod, and no other one of its name. Never rejects. */
export async function evict(
  client: Pick<KubernetesClient, 'request'>,
  pod: PodReference,
  limits: Limits,
): Promise<Eviction> {
  const { namespace, name, uid } = pod
  const path = `${podPath(pod)}/eviction`
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  }
  try {
    return ofAnswer(path, await client.request('POST', path, { ...limits, body }))
  } catch (error) {
    const eviction = ofError(error)
    return eviction === 'conflict' ? await ofConflict(client, pod, limits, error) : eviction
  }
}

/** The answer about several budgets has the HTTP status of a success, and a Status of a failure with code 500 as its body. */
function ofAnswer(path: string, answer: unknown): Eviction {
  if (!isRecord(answer) || answer.kind !== 'Status') {
    return { code: 'unknown', detail: `POST ${path}: the answer is not a Status` }
  }
  if (answer.status === 'Success') return { code: 'evicted' }
  throw refusal(`POST ${path}`, typeof answer.code === 'number' ? answer.code : 500, answer)
}

function ofError(error: unknown): Eviction | 'conflict' {
  const detail = messageOf(error)
  if (!(error instanceof KubernetesError)) return { code: 'unknown', detail }
  const { status, details, missing, retryAfterMs } = error
  switch (status) {
    case 403:
      return { code: details?.kind === 'poddisruptionbudget' ? 'odd_budget' : 'forbidden', detail }
    case 404:
      return { code: missing === 'object' ? 'gone' : 'refused', detail }
    case 409:
      return 'conflict'
    case 429: {
      const isHeld = details?.causes.some(({ reason }) => reason === 'DisruptionBudget')
      return { code: isHeld ? 'held' : 'throttled', detail, retryAfterMs }
    }
    case 500:
      return { code: isAboutSeveralBudgets(error) ? 'several_budgets' : 'unknown', detail }
    default:
      return { code: isRefusal(error) ? 'refused' : 'unknown', detail }
  }
}

/** The API server gives this answer no reason that a program could read. */
const isAboutSeveralBudgets = ({ message, details }: KubernetesError): boolean =>
  details !== undefined && message.includes('more than one PodDisruptionBudget')

/** Without credentials that can be read, no request was sent. */
const isRefusal = ({ code, status }: KubernetesError): boolean =>
  code === 'configuration' || (status !== undefined && status >= 400 && status < 500 && status !== 408)

/** A 409 says that another pod has the name, or that this one was changed at the same time, too often for the API server. */
async function ofConflict(
  client: Pick<KubernetesClient, 'request'>,
  pod: PodReference,
  limits: Limits,
  conflict: unknown,
): Promise<Eviction> {
  const detail = messageOf(conflict)
  try {
    const state = await lookAtPod(client, pod, limits)
    return { code: state === 'gone' || state === 'replaced' ? state : 'throttled', detail }
  } catch (error) {
    return { code: 'unknown', detail: `${detail}; ${messageOf(error)}` }
  }
}
