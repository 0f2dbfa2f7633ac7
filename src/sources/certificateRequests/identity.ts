import { spiffeIdFromCsr } from '../../identity/csr.ts'
import { firstToEnd, type Period } from '../../identity/lifetime.ts'
import { firstToEndOfPem } from '../../identity/trustBundle.ts'
import { issuedSvidFromPem, type X509Svid } from '../../identity/x509Svid.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'
import { remembered } from '../remembered.ts'
import { intern } from '../sharedStrings.ts'

/** One field of a request that is malformed. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly detail: string
}

/** The identity that a request asks for. */
export interface RequestIdentity {
  /** '' if neither the certificate nor the CSR can be read. */
  readonly spiffeId: string
  readonly trustDomain: string
  readonly annotationLies: boolean
  readonly svid?: X509Svid
  readonly rejections: readonly Rejection[]
}

const annotation = 'spiffe.csi.cert-manager.io/identity'

/**
 * Returns the identity that a CertificateRequest asks for; undefined if it does not ask for an SVID. It does if it has
 * csi-driver-spiffe's annotation, or asks for exactly one SPIFFE ID with a path and for no CA. The certificate is read before
 * the CSR. The annotation is only compared with them, because nobody verifies it.
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
  const requested = spiffeIdFromCsr(pemIn(spec, 'request'))
  if ('problem' in requested) {
    if (annotated === undefined) return undefined
    const rejection = { reason: requested.problem, detail: `spec.request: ${requested.detail}` }
    return { spiffeId: '', trustDomain: '', annotationLies: false, rejections: [...rejections, rejection] }
  }
  if (annotated === undefined && (requested.isCa || spec.flag('isCA'))) return undefined
  return { ...claim(requested, annotated), rejections }
}

const claim = (
  { spiffeId, trustDomain }: { spiffeId: string; trustDomain: string },
  annotated: string | undefined,
) => ({
  spiffeId,
  trustDomain,
  annotationLies: annotated !== undefined && annotated !== spiffeId,
})

/** Returns a copy with another chain. An object literal with shared strings takes the least memory for 100,000 requests. */
function compact(svid: X509Svid, chain: Period | undefined): X509Svid {
  const { spiffeId, notBeforeMs, notAfterMs, fingerprint } = svid
  const trustDomain = intern(svid.trustDomain)
  if (chain === undefined) return { spiffeId, trustDomain, notBeforeMs, notAfterMs, fingerprint }
  return { spiffeId, trustDomain, notBeforeMs, notAfterMs, fingerprint, chain }
}

/** Returns the first authority to end. status.ca is the top of the chain and need not be the signer, so the chain counts too. */
function chainOf({ chain }: X509Svid, status: KubernetesObject): { chain: Period | undefined; rejection?: Rejection } {
  const top = topOf(status.text('ca') ?? '')
  if (top === undefined) return { chain }
  if ('problem' in top) return { chain, rejection: { reason: top.problem, detail: `status.ca: ${top.detail}` } }
  return { chain: firstToEnd(chain ? [chain, top] : [top]) }
}

/** Returns the lifetime of the authorities in status.ca, which is base64. */
const topOf = remembered((base64) => (base64 === '' ? undefined : firstToEndOfPem(decoded(base64))))

const pemIn = (object: KubernetesObject, name: string): string => decoded(object.text(name) ?? '')

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')
