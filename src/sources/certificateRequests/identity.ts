import { spiffeIdFromCsr } from '../../identity/csr.ts'
import { firstToEnd, type Period } from '../../identity/lifetime.ts'
import { firstToEndOfPem } from '../../identity/trustBundle.ts'
import { issuedSvidFromPem, type X509Svid } from '../../identity/x509Svid.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'
import { remembered } from '../remembered.ts'
import { shared } from '../sharedStrings.ts'

/** One field of a request that cannot be read as what it should be. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly detail: string
}

/** Whose SVID a request asks for. */
export interface RequestIdentity {
  /** '' where neither certificate nor CSR can be read. */
  readonly spiffeId: string
  readonly trustDomain: string
  readonly annotationLies: boolean
  readonly svid?: X509Svid
  readonly rejections: readonly Rejection[]
}

const annotation = 'spiffe.csi.cert-manager.io/identity'

/**
 * The identity of a CertificateRequest, or undefined where it asks for none: a SPIFFE request carries csi-driver-spiffe's
 * annotation, or asks, as no CA, for exactly one SPIFFE ID with a path. Certificate comes before CSR, and the annotation, which
 * nobody checks, is believed by nobody.
 */
export function identityOf(object: KubernetesObject): RequestIdentity | undefined {
  const annotated = object.object('metadata').object('annotations').text(annotation)
  const status = object.object('status')
  const certificate = pemIn(status, 'certificate')
  const found = certificate === '' ? undefined : issuedSvidFromPem(certificate)
  if (found && 'svid' in found) {
    const { chain, rejection } = chainOf(found.svid, status)
    const svid = compact(found.svid, chain)
    return { ...claim(svid, annotated), svid, rejections: rejection ? [rejection] : [] }
  }
  const rejections = found ? [{ reason: found.problem, detail: `status.certificate: ${found.detail}` }] : []
  return requestedIdentity(object.object('spec'), annotated, rejections)
}

function requestedIdentity(
  spec: KubernetesObject,
  annotated: string | undefined,
  rejections: readonly Rejection[],
): RequestIdentity | undefined {
  const asked = spiffeIdFromCsr(pemIn(spec, 'request'))
  if ('problem' in asked) {
    if (annotated === undefined) return undefined
    const rejection = { reason: asked.problem, detail: `spec.request: ${asked.detail}` }
    return { spiffeId: '', trustDomain: '', annotationLies: false, rejections: [...rejections, rejection] }
  }
  if (annotated === undefined && (asked.isCa || spec.flag('isCA'))) return undefined
  return { ...claim(asked, annotated), rejections }
}

const claim = (
  { spiffeId, trustDomain }: { spiffeId: string; trustDomain: string },
  annotated: string | undefined,
) => ({
  spiffeId,
  trustDomain,
  annotationLies: annotated !== undefined && annotated !== spiffeId,
})

/** With another chain. It is kept as long as its request, one of 100,000: object literals and shared strings take the least memory. */
function compact(svid: X509Svid, chain: Period | undefined): X509Svid {
  const { spiffeId, notBeforeMs, notAfterMs, fingerprint } = svid
  const trustDomain = shared(svid.trustDomain)
  if (chain === undefined) return { spiffeId, trustDomain, notBeforeMs, notAfterMs, fingerprint }
  return { spiffeId, trustDomain, notBeforeMs, notAfterMs, fingerprint, chain }
}

/** status.ca is the top of the chain and need not be the signer, so what stands behind the leaf counts as well. */
function chainOf({ chain }: X509Svid, status: KubernetesObject): { chain: Period | undefined; rejection?: Rejection } {
  const top = topOf(status.text('ca') ?? '')
  if (top === undefined) return { chain }
  if ('problem' in top) return { chain, rejection: { reason: top.problem, detail: `status.ca: ${top.detail}` } }
  return { chain: firstToEnd(chain ? [chain, top] : [top]) }
}

/** What status.ca says in base64. */
const topOf = remembered((base64) => (base64 === '' ? undefined : firstToEndOfPem(decoded(base64))))

const pemIn = (object: KubernetesObject, name: string): string => decoded(object.text(name) ?? '')

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')
