import { isRecord, metaOf } from './json.ts'
import type { KubernetesClient, RequestOptions } from './client.ts'
import { KubernetesError } from './kubernetesError.ts'

/** One pod, and no other one of the same name. */
export interface PodReference {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What has become of a pod: it is there, it is being deleted, it is gone, or another one has its name. */
export type PodState = 'there' | 'leaving' | 'gone' | 'replaced'

const maxBytes = 4 * 1024 * 1024

export const podPath = ({ namespace, name }: PodReference): string => `/api/v1/namespaces/${namespace}/pods/${name}`

/** Looks at a pod. Throws a KubernetesError if nobody can tell what has become of it. */
export async function lookAtPod(
  client: Pick<KubernetesClient, 'request'>,
  pod: PodReference,
  limits: Pick<RequestOptions, 'signal' | 'timeoutMs'>,
): Promise<PodState> {
  try {
    const answer = await client.request('GET', podPath(pod), { ...limits, maxBytes })
    const { uid } = metaOf(answer)
    if (uid === '') throw new KubernetesError('protocol', `GET ${podPath(pod)}: the answer has no uid of a pod`)
    if (uid !== pod.uid) return 'replaced'
    return isLeaving(answer) ? 'leaving' : 'there'
  } catch (error) {
    if (error instanceof KubernetesError && error.missing === 'object') return 'gone'
    throw error
  }
}

const isLeaving = (pod: unknown): boolean =>
  isRecord(pod) && isRecord(pod.metadata) && typeof pod.metadata.deletionTimestamp === 'string'
