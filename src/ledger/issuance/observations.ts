import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestReason } from './reasons.ts'

/** Two trust domains that should be the same: the one that an approver expects, and the one that it was asked for. */
export interface TrustDomains {
  readonly expected: string
  readonly requested: string
}

export type RequestState = 'pending' | 'approved' | 'issued' | 'denied' | 'failed'

/** Reports whether a request in this state waits for an answer. */
export const isWaiting = (state: RequestState): boolean => state === 'pending' || state === 'approved'

/** One SPIFFE CertificateRequest in its newest version. Times are milliseconds since the Unix epoch. */
export interface RequestObservation {
  readonly uid: string
  /** Kubernetes' resourceVersion of this version of the object. */
  readonly resourceVersion: string
  readonly namespace: string
  readonly name: string
  /** `ClusterIssuer/spiffe-ca`, `Issuer/team-a/ca`; with the API group after the kind if it is not cert-manager's own. */
  readonly issuer: string
  readonly state: RequestState
  /** Why the request waits, was denied or failed; '' if it was issued. */
  readonly reason: RequestReason | ''
  /** What the approver or issuer says of a request that waits, was denied or failed: one short line; left out if that is nothing. */
  readonly message?: string
  /** The trust domains that a denial names, if they differ. */
  readonly trustDomains?: TrustDomains
  /** metadata.creationTimestamp and the transition times of the approval and of the end, all of 1 s resolution. */
  readonly createdMs: number
  readonly approvedMs?: number
  readonly concludedMs?: number
  /** From the certificate, or from the CSR while there is no certificate; '' if neither can be read. */
  readonly spiffeId: string
  readonly trustDomain: string
  /** The identity annotation names another identity than the certificate (or CSR). */
  readonly annotationLies: boolean
  /** The certificate of an issued request; undefined if it cannot be read, which is reported as a refused input. */
  readonly svid?: X509Svid
  /** The key identifier of the authority that peers must trust for the SVID, by its chain: see X509Svid. It is kept only of an issuer's newest SVID. */
  readonly authorityKeyId?: string
  readonly owner?: { readonly podUid: string; readonly podName: string }
  /** Label `csi.cert-manager.io/volume-id-hash`; '' if no csi-lib driver made the request. */
  readonly volumeHash: string
}

/** What a source reports about CertificateRequests. `namespace` is given if the source watches namespaces one by one. */
export type RequestStep =
  | {
      readonly kind: 'request'
      readonly change: 'added' | 'modified'
      readonly listed: boolean
      readonly request: RequestObservation
      readonly namespace?: string | undefined
    }
  | {
      readonly kind: 'requestDeleted'
      readonly uid: string
      readonly resourceVersion: string
      readonly namespace?: string | undefined
    }
