import { spiffeIdFromCsr, type NoIdentity, type RequestedIdentity } from '../../identity/csr.ts'
import { firstToEnd, type Period } from '../../identity/lifetime.ts'
import type { NotAnSvid, SvidProblem } from '../../identity/svidProblems.ts'
import { firstToEndOfPem } from '../../identity/trustBundle.ts'
import { issuedSvidFromPem, type IssuedSvid, type X509Svid } from '../../identity/x509Svid.ts'
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
  /** See RequestObservation. */
  readonly authorityKeyId?: string
  readonly rejections: readonly Rejection[]
}

/** A request that may ask for an SVID: neither its certificate nor its CSR can be read, and it has no annotation. */
export interface Unread {
  readonly unread: true
  readonly rejections: readonly Rejection[]
}

const annotation = 'spiffe.csi.cert-manager.io/identity'

/**
 * Returns the identity that a CertificateRequest asks for; undefined if it does not ask for an SVID. It does if it has
 * csi-driver-spiffe's annotation, or asks for a URI of SPIFFE and for no CA: several URIs, or one that is no SPIFFE ID of a
 * workload, make it an invalid request for an SVID. The certificate is read before the CSR. The annotation is only compared with
 * them, because nobody verifies it.
 */
export function identityOf(object: KubernetesObject): RequestIdentity | Unread | undefined {
  const annotated = object.object('metadata').object('annotations').text(annotation)
  const status = object.object('status')
  const certificate = pemIn(status, 'certificate')
  const found = certificate === '' ? undefined : issuedSvidFromPem(certificate)
  if (found && 'svid' in found) {
    const { chain, rejection } = chainOf(found.svid, status)
    const svid = compact(found.svid, chain)
    return { ...claim(svid, annotated), svid, ...authorityOf(found), rejections: rejection ? [rejection] : [] }
  }
  const unreadable = found ? [{ reason: found.problem, detail: `status.certificate: ${found.detail}` }] : []
  const spec = object.object('spec')
  const requested = spiffeIdFromCsr(pemIn(spec, 'request'))
  if (annotated === undefined && isForOthers(requested, spec, found?.problem)) return undefined
  if (!('problem' in requested)) return { ...claim(requested, annotated), rejections: unreadable }

  const rejections = [...unreadable, { reason: requested.problem, detail: `spec.request: ${requested.detail}` }]
  if (annotated === undefined && requested.problem === 'csr_unparsable') return { unread: true, rejections }
  return { spiffeId: '', trustDomain: '', annotationLies: false, rejections }
}

/** Reports whether a request without annotation certainly does not ask for an SVID. `ofCertificate` is what its certificate lacks. */
function isForOthers(
  requested: RequestedIdentity | NoIdentity | NotAnSvid<'csr_unparsable'>,
  spec: KubernetesObject,
  ofCertificate: SvidProblem | undefined,
): boolean {
  if (spec.flag('isCA')) return true
  if ('isCa' in requested) return requested.isCa || ('isSpiffe' in requested && !requested.isSpiffe)
  return ofCertificate === 'no_uri_san' || ofCertificate === 'is_ca'
}

const claim = (
  { spiffeId, trustDomain }: { spiffeId: string; trustDomain: string },
  annotated: string | undefined,
) => ({
  spiffeId,
  trustDomain,
  annotationLies: annotated !== undefined && annotated !== spiffeId,
})

const authorityOf = ({ authorityKeyId }: IssuedSvid): Pick<RequestIdentity, 'authorityKeyId'> =>
  authorityKeyId === undefined ? {} : { authorityKeyId }

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
