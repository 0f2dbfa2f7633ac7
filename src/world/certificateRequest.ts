import type { KubernetesObject } from './apiServer/object.ts'
import type { ObjectStore } from './apiServer/store.ts'

/** The plural name of the resource, as the store uses it. */
export const certificateRequests = 'certificaterequests'

/**
 * A CertificateRequest of cert-manager.io/v1, with the fields that this world reads. Certificates and signing requests are base64
 * of PEM.
 */
export interface CertificateRequest extends KubernetesObject {
  kind: 'CertificateRequest'
  spec: { request: string; duration?: string; username?: string; [field: string]: unknown }
  status?: { conditions?: Condition[]; certificate?: string; ca?: string; failureTime?: string }
}

export interface Condition {
  type: 'Approved' | 'Denied' | 'Ready'
  status: 'True' | 'False'
  reason: string
  message: string
  lastTransitionTime: string
}

export type RequestState = 'pending' | 'approved' | 'issued' | 'denied' | 'failed'

export function readRequest(store: ObjectStore, namespace: string, name: string): CertificateRequest | undefined {
  const object = store.get(certificateRequests, namespace, name)
  return object !== undefined && isCertificateRequest(object) ? object : undefined
}

export function listRequests(store: ObjectStore, namespace?: string): CertificateRequest[] {
  return store.list(certificateRequests, namespace).filter(isCertificateRequest)
}

export function stateOf(request: CertificateRequest): RequestState {
  if (conditionOf(request, 'Denied')?.status === 'True') return 'denied'
  const ready = conditionOf(request, 'Ready')
  if (ready?.status === 'True') return 'issued'
  if (ready?.reason === 'Failed') return 'failed'
  return conditionOf(request, 'Approved')?.status === 'True' ? 'approved' : 'pending'
}

export function conditionOf(request: CertificateRequest, type: Condition['type']): Condition | undefined {
  return request.status?.conditions?.find((condition) => condition.type === type)
}

/** Reports whether the object has a signing request: anyone who may write to the API may leave it out. */
function isCertificateRequest(object: KubernetesObject): object is CertificateRequest {
  const { kind, spec } = object
  return (
    kind === 'CertificateRequest' &&
    typeof spec === 'object' &&
    spec !== null &&
    'request' in spec &&
    typeof spec.request === 'string'
  )
}

/** Formats a time as Kubernetes does: RFC 3339, UTC, whole seconds. */
export function kubernetesTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Formats a duration as Go does, which CertificateRequests use: `3m0s`, `1h0m0s`. */
export function goDuration(ms: number): string {
  const seconds = ms / 1000
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return `${hours > 0 ? `${hours}h` : ''}${seconds >= 60 ? `${minutes}m` : ''}${seconds % 60}s`
}
