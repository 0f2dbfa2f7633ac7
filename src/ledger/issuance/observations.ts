import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestReason } from './reasons.ts'

export type RequestState = 'pending' | 'approved' | 'issued' | 'denied' | 'failed'

/** One SPIFFE CertificateRequest as its newest version tells it. Times are milliseconds since the Unix epoch. */
export interface RequestObservation {
  readonly uid: string
  /** Kubernetes' resourceVersion of this version of the object. */
  readonly resourceVersion: string
  readonly namespace: string
  readonly name: string
  /** `ClusterIssuer/spiffe-ca`, `Issuer/team-a/ca`; with the API group behind the kind where it is not cert-manager's own. */
  readonly issuer: string
  readonly state: RequestState
  /** Why it waits, was denied or failed; '' for an issued one. */
  readonly reason: RequestReason | ''
  /** metadata.creationTimestamp, the approval's and the conclusion's transition times: all of 1 s resolution. */
  readonly createdMs: number
  readonly approvedMs?: number
  readonly concludedMs?: number
  /** From the certificate; from the CSR while there is none; '' where neither can be read. */
  readonly spiffeId: string
  readonly trustDomain: string
  /** The identity annotation names another identity than the certificate (or CSR). */
  readonly annotationLies: boolean
  /** The certificate of an issued request; undefined where it cannot be read (which is reported as rejected input). */
  readonly svid?: X509Svid
  /** The pod that owns the request. */
  readonly owner?: { readonly podUid: string; readonly podName: string }
  /** Label `csi.cert-manager.io/volume-id-hash`; '' for requests that no csi-lib driver made. */
  readonly volumeHash: string
}

/** What a source reports of CertificateRequests. */
export type RequestStep =
  | {
      readonly kind: 'request'
      readonly change: 'added' | 'modified'
      readonly listed: boolean
      readonly request: RequestObservation
    }
  | { readonly kind: 'requestDeleted'; readonly uid: string; readonly resourceVersion: string }
