import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { PostureFinding, ReadProblem } from './reasons.ts'

/** A volume of a pod that holds an SVID. */
export interface SvidVolume {
  readonly name: string
  /** The CSI driver that mounts it. */
  readonly driver: string
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
  /** Its volumes of SVID drivers. */
  readonly volumes: readonly SvidVolume[]
  /**
   * When the youngest of its running containers started, ms since the Unix epoch, in whole seconds; undefined while none runs.
   * A container that restarts keeps the pod's mounts.
   */
  readonly containerStartMs?: number
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

/** What one read of a certificate file found. */
export type Reading = { readonly svid: X509Svid } | { readonly problem: ReadProblem; readonly detail: string }

/** One pod volume of an SVID driver, as this node's files show it. */
export interface MountedObservation {
  readonly podUid: string
  readonly volume: string
  readonly reading: Reading
  /** When the certificate file was written, ms since the Unix epoch; undefined where that is not known, or no SVID was read. */
  readonly writtenMs?: number
  /** The trust bundle in the volume; undefined where there is no such file. */
  readonly bundle?: TrustBundle
  /** Birth time of the `mount` folder, ms since the Unix epoch; 0 is unknown. */
  readonly mountBirthMs: number
}

/** One certificate file that the configuration names. */
export interface FileObservation {
  /** The configured path. */
  readonly path: string
  readonly reading: Reading
  /** When the file was written, ms since the Unix epoch; undefined where that is not known, or no SVID was read. */
  readonly writtenMs?: number
}

/** What files of a node say. `node` is the one whose node role tells it; without it, this process sees it itself. */
export type Finding =
  | { readonly kind: 'mounted'; readonly mounted: MountedObservation; readonly node?: string }
  | { readonly kind: 'unmounted'; readonly podUid: string; readonly volume: string; readonly node?: string }

/** What a source reports of the API's objects that workloads are, and live in. */
export type WorkloadStep =
  | { readonly kind: 'pod'; readonly pod: PodObservation }
  | { readonly kind: 'podDeleted'; readonly uid: string }
  | { readonly kind: 'namespace'; readonly namespace: NamespaceObservation }
  | { readonly kind: 'namespaceDeleted'; readonly uid: string }

/** What a source reports of a certificate file that the configuration names. */
export interface FileStep {
  readonly kind: 'file'
  readonly file: FileObservation
}
