import { spiffeDriver } from '../config/spiffeDriver.ts'
import { conditionOf, kubernetesTime, type CertificateRequest, type Condition } from './certificateRequest.ts'

/** Adds the approver's decision: approved, or denied if there is an objection. */
export function withDecision(request: CertificateRequest, objection: string | undefined, nowMs: number) {
  const type = objection === undefined ? 'Approved' : 'Denied'
  const message = objection === undefined ? 'Approved request' : `Denied request: ${objection}`
  return withCondition(request, { type, status: 'True', reason: spiffeDriver.name, message }, nowMs)
}

/** Adds the condition that cert-manager writes on a denied request. */
export function withRefusal(request: CertificateRequest, nowMs: number): CertificateRequest {
  const message = 'The CertificateRequest was denied by an approval controller'
  return withCondition(request, { ...notReady, reason: 'Denied', message }, nowMs, failedAt(nowMs))
}

/** Adds the condition that cert-manager writes while the issuer has no key. It is written only once. */
export function withPending(request: CertificateRequest, nowMs: number): CertificateRequest {
  if (conditionOf(request, 'Ready') !== undefined) return request
  const message = 'Referenced issuer does not have a Ready status condition'
  return withCondition(request, { ...notReady, reason: 'Pending', message }, nowMs)
}

/** Adds the condition and the time that cert-manager writes on a request that failed. */
export function withFailure(request: CertificateRequest, error: string, nowMs: number): CertificateRequest {
  const message = `Error signing certificate: ${error}`
  return withCondition(request, { ...notReady, reason: 'Failed', message }, nowMs, failedAt(nowMs))
}

/** Adds an issued certificate. `authorityPem` is the top of its chain. */
export function withCertificate(
  request: CertificateRequest,
  certificatePem: string,
  authorityPem: string,
  nowMs: number,
): CertificateRequest {
  const message = 'Certificate fetched from issuer successfully'
  const fields = { certificate: base64(certificatePem), ca: base64(authorityPem) }
  return withCondition(request, { type: 'Ready', status: 'True', reason: 'Issued', message }, nowMs, fields)
}

const notReady = { type: 'Ready', status: 'False' } as const

function withCondition(
  request: CertificateRequest,
  condition: Omit<Condition, 'lastTransitionTime'>,
  nowMs: number,
  fields: Omit<NonNullable<CertificateRequest['status']>, 'conditions'> = {},
): CertificateRequest {
  const others = (request.status?.conditions ?? []).filter(({ type }) => type !== condition.type)
  const conditions = [...others, { ...condition, lastTransitionTime: kubernetesTime(nowMs) }]
  return { ...request, status: { ...request.status, ...fields, conditions } }
}

function failedAt(nowMs: number) {
  return { failureTime: kubernetesTime(nowMs) }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
