import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { Verdict } from '../../identity/verdict.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { PostureFinding, ProbeOutcome, ReadProblem } from './reasons.ts'

/** A volume of a pod that holds an SVID. */
export interface SvidVolume {
  readonly name: string
  /** The CSI driver that mounts it. */
  readonly driver: string
  /** A container mounts a single path of it by subPath, which keeps the first file for ever; left out if none does. */
  readonly bySubPath?: true
}

/** One pod. */
export interface PodObservation {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** '' while the pod is not scheduled. */
  readonly node: string
  /** The pod is Succeeded or Failed: it does not run and will not run again. */
  readonly ended: boolean
  /** metadata.deletionTimestamp: when the pod should have stopped, with its grace period; undefined unless it is being deleted. */
  readonly deadlineMs?: number
  /** The volumes of SVID drivers. */
  readonly volumes: readonly SvidVolume[]
  /**
   * When the kubelet acknowledged the pod, ms since the Unix epoch, in whole seconds: since then the pod waits for its volumes. Only
   * while it has a volume for an SVID, no container of it runs and it has not ended; nothing needs the time otherwise.
   */
  readonly startedMs?: number
  /**
   * When the oldest running container that mounts the volume started, for each of `volumes`, ms since the Unix epoch, in whole
   * seconds; undefined for a volume that no running container mounts. A container that restarts keeps the pod's mounts. If all volumes
   * have the same value, it is that value, because a list in each of 100,000 pods takes memory.
   */
  readonly mountedSinceMs?: number | readonly (number | undefined)[] | undefined
  /** The service account of the pod; left out if the pod has no volume for an SVID. */
  readonly serviceAccount?: string
  /** The names of the agents whose volumes the pod mounts: it needs them on its node. */
  readonly needs: readonly string[]
  /** The agent that runs in this pod, and whether the pod is Ready. */
  readonly agent?: { readonly name: string; readonly ready: boolean }
  /** What about the pod puts identities at risk. */
  readonly posture: readonly PostureFinding[]
  /** The pod is annotated to say that its problems page no one; left out if it is not. */
  readonly muted?: boolean
}

/** One namespace. */
export interface NamespaceObservation {
  readonly uid: string
  readonly name: string
  /** The namespace is labelled to say that all its pods should have SVIDs. */
  readonly expectsSvids: boolean
  /** The namespace is annotated to say that the problems of its pods page no one; left out if it is not. */
  readonly muted?: boolean
}

/** The result of reading a certificate file once. */
export type Reading = { readonly svid: X509Svid } | { readonly problem: ReadProblem; readonly detail: string }

/** One pod volume of an SVID driver, as seen in the files of the pod's node. */
export interface MountedObservation {
  readonly podUid: string
  readonly volume: string
  readonly reading: Reading
  /** When the certificate file was written, ms since the Unix epoch; undefined if that is not known, or no SVID was read. */
  readonly writtenMs?: number
  /** The trust bundle in the volume; undefined if there is no such file. */
  readonly bundle?: TrustBundle
  /** What a peer that trusts this bundle makes of the SVID; undefined without an SVID or a bundle. */
  readonly verdict?: Verdict
  /** The birth time of the `mount` folder, ms since the Unix epoch; 0 if it is unknown. */
  readonly mountBirthMs: number
}

/** One configured certificate file. */
export interface FileObservation {
  /** The configured path. */
  readonly path: string
  readonly reading: Reading
  /** When the file was written, ms since the Unix epoch; undefined if that is not known, or no SVID was read. */
  readonly writtenMs?: number
  /** The trust bundle that is configured with the file, or why it cannot be read; undefined if none is configured. */
  readonly bundle?: TrustBundle | { readonly problem: ReadProblem; readonly detail: string }
  /** What a peer that trusts this bundle makes of the SVID; undefined without an SVID or a bundle. */
  readonly verdict?: Verdict
}

/** What is probed: a port of a pod, or a configured `host:port`. */
export type ProbeTarget = { readonly podUid: string; readonly port: number } | { readonly address: string }

/** The result of one probe. */
export interface ServedObservation {
  readonly target: ProbeTarget
  /** `svid` if the server presented an SVID, whatever its identity. */
  readonly result:
    | { readonly svid: X509Svid; readonly verdict?: Verdict }
    | { readonly outcome: Exclude<ProbeOutcome, 'svid'>; readonly detail: string }
}

/** What a source reports about the certificates that servers present. */
export type ServedStep =
  | { readonly kind: 'served'; readonly served: ServedObservation }
  /** The target is probed no longer. */
  | { readonly kind: 'unserved'; readonly target: ProbeTarget }

/** A finding about a volume. `node` is the node whose node role reports it; without `node`, this process has seen it itself. */
export type Finding =
  | { readonly kind: 'mounted'; readonly mounted: MountedObservation; readonly node?: string }
  | { readonly kind: 'unmounted'; readonly podUid: string; readonly volume: string; readonly node?: string }

/** What a source reports about pods and namespaces. */
export type WorkloadStep =
  | { readonly kind: 'pod'; readonly pod: PodObservation }
  | { readonly kind: 'podDeleted'; readonly uid: string }
  | { readonly kind: 'namespace'; readonly namespace: NamespaceObservation }
  | { readonly kind: 'namespaceDeleted'; readonly uid: string }

/** What a source reports about a configured certificate file. */
export interface FileStep {
  readonly kind: 'file'
  readonly file: FileObservation
}
