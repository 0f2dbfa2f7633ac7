import type { SpiffeBundle } from '../identity/spiffeBundle.ts'
import type { X509Svid } from '../identity/x509Svid.ts'
import type {
  BundleProblem,
  PostureFinding,
  ReadProblem,
  RejectionReason,
  RequestReason,
  TroubleReason,
} from './reasons.ts'

/** The real systems that svidwatch watches. */
export const sourceNames = [
  'certificateRequests',
  'pods',
  'namespaces',
  'nodes',
  'csiNodes',
  'nodeFindings',
  'bundleEndpoints',
  'mountedSvids',
  'files',
] as const
export type SourceName = (typeof sourceNames)[number]

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

/** One pod. */
export interface PodObservation {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** '' while it is not scheduled. */
  readonly node: string
  /** Succeeded or Failed: it runs no more and will not run again. */
  readonly ended: boolean
  /** metadata.deletionTimestamp: by when it is to have stopped, its grace included; undefined unless it is being deleted. */
  readonly deadlineMs?: number
  /** The names of its volumes of an SVID driver. */
  readonly volumes: readonly string[]
  /** When its youngest running container started; undefined while none runs. */
  readonly lastContainerStartMs?: number
  /** The agents, by name, whose volumes it mounts: it needs them on its node. */
  readonly needs: readonly string[]
  /** The agent that this pod is, and whether it is Ready. */
  readonly agent?: { readonly name: string; readonly ready: boolean }
  /** What about it puts identities at risk. */
  readonly posture: readonly PostureFinding[]
}

/** One namespace. */
export interface NamespaceObservation {
  readonly uid: string
  readonly name: string
  /** It is labelled to say that its pods should all have SVIDs. */
  readonly expectsSvids: boolean
}

/** One node of the cluster. */
export interface NodeObservation {
  readonly uid: string
  readonly name: string
}

/** Which CSI drivers a node's kubelet has registered. */
export interface CsiNodeObservation {
  readonly uid: string
  /** The node's name. */
  readonly name: string
  /** The agents, by name, whose drivers are among them. */
  readonly agents: readonly string[]
}

/** What one read of a certificate file found. */
export type Reading = { readonly svid: X509Svid } | { readonly problem: ReadProblem; readonly detail: string }

/** One pod volume of an SVID driver, as this node's files show it. */
export interface MountedObservation {
  readonly podUid: string
  readonly volume: string
  readonly reading: Reading
  /** The trust anchors in the volume's bundle file: how many, and the newest notAfter; undefined where there is no such file. */
  readonly bundle?: { readonly certificates: number; readonly newestNotAfterMs: number }
  /** Birth time of the `mount` folder, ms since the Unix epoch; 0 is unknown. */
  readonly mountBirthMs: number
}

/** One bundle endpoint that the configuration names; there is one at most for each trust domain. */
export interface BundleEndpointObservation {
  /** The trust domain whose bundle it serves. */
  readonly trustDomain: string
  readonly url: string
  readonly profile: BundleProfile
}
export type BundleProfile = 'https_web' | 'https_spiffe'

/** One certificate file that the configuration names. */
export interface FileObservation {
  /** The configured path. */
  readonly path: string
  readonly reading: Reading
}

/**
 * Everything that a source can say. Lists of Kubernetes objects come as `listing`, the objects (`listed: true`), and `listed`:
 * what was known before and did not come again is gone. Everything else is a change. `resourceVersion` on a change or on
 * `progress` is how far the source has seen its system's history.
 */
export type Observation =
  | {
      readonly kind: 'request'
      readonly change: 'added' | 'modified'
      readonly listed: boolean
      readonly request: RequestObservation
    }
  | { readonly kind: 'requestDeleted'; readonly uid: string; readonly resourceVersion: string }
  | { readonly kind: 'pod'; readonly pod: PodObservation }
  | { readonly kind: 'podDeleted'; readonly uid: string }
  | { readonly kind: 'namespace'; readonly namespace: NamespaceObservation }
  | { readonly kind: 'node'; readonly node: NodeObservation }
  | { readonly kind: 'csiNode'; readonly csiNode: CsiNodeObservation }
  | { readonly kind: 'deleted'; readonly source: 'namespaces' | 'nodes' | 'csiNodes'; readonly uid: string }
  | Finding
  | NodeStep
  /** An endpoint is asked from now on. */
  | { readonly kind: 'bundleEndpoint'; readonly endpoint: BundleEndpointObservation }
  /** An endpoint gave a bundle that can be used. `bootstrap` is the fingerprint of the configured bundle that its trust goes back to; https_spiffe only. */
  | {
      readonly kind: 'bundle'
      readonly trustDomain: string
      readonly bundle: SpiffeBundle
      readonly bootstrap?: string
    }
  /** An endpoint gave none; the last good one stays. */
  | {
      readonly kind: 'bundleTrouble'
      readonly trustDomain: string
      readonly reason: BundleProblem
      readonly detail: string
    }
  | { readonly kind: 'file'; readonly file: FileObservation }
  | { readonly kind: 'listing'; readonly source: SourceName }
  | { readonly kind: 'listed'; readonly source: SourceName; readonly resourceVersion: string }
  | { readonly kind: 'progress'; readonly source: SourceName; readonly resourceVersion: string }
  /** The source sees its system: its first look has concluded, or it is back after trouble. */
  | { readonly kind: 'contact'; readonly source: SourceName }
  /** The source cannot see its system at present; what it said before stays, with its age. */
  | { readonly kind: 'trouble'; readonly source: SourceName; readonly reason: TroubleReason; readonly detail: string }
  /** One input was refused; it costs nothing else. `where` names the object or file. */
  | {
      readonly kind: 'rejected'
      readonly source: SourceName
      readonly reason: RejectionReason
      readonly where: string
      readonly detail: string
    }

/** What files of a node say. `node` is the one whose node role tells it; without it, this process sees it itself. */
export type Finding =
  | { readonly kind: 'mounted'; readonly mounted: MountedObservation; readonly node?: string }
  | { readonly kind: 'unmounted'; readonly podUid: string; readonly volume: string; readonly node?: string }

/**
 * How it goes with the node role of one node. All that it knows comes between `findingsListing` and `findingsListed`: what it
 * had found before and does not come again is unmounted.
 */
export type NodeStep =
  | { readonly kind: 'findingsListing'; readonly node: string }
  | { readonly kind: 'findingsListed'; readonly node: string }
  /** It is heard, and it sees its node's files. */
  | { readonly kind: 'nodeContact'; readonly node: string }
  /** It is not heard, or it says that it cannot see its node's files; what it found stays, with its age. */
  | { readonly kind: 'nodeTrouble'; readonly node: string; readonly reason: TroubleReason; readonly detail: string }
  /** Nobody offers findings for this node any more. */
  | { readonly kind: 'nodeEndpointGone'; readonly node: string }

/** How a source tells what it observes. */
export type Report = (observation: Observation) => void
