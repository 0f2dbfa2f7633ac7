import type { DiagnosisCode } from '../diagnosis/codes.ts'

/** What a new pod can heal. */
export type RestartCause = 'mount_stale' | 'mount_detached' | 'not_reloaded' | 'not_renewed'

/** By diagnosis. Every other problem needs another remedy. */
const causes: Readonly<Partial<Record<DiagnosisCode, RestartCause>>> = {
  mount_stale: 'mount_stale',
  mount_detached: 'mount_detached',
  not_reloaded: 'not_reloaded',
  renewal_missed: 'not_renewed',
  expired: 'not_renewed',
}

/** Returns what a new pod could heal of a problem; undefined if it heals nothing. */
export const causeOf = (code: DiagnosisCode): RestartCause | undefined => causes[code]

/** Whom a restart concerns. */
export interface Restarted {
  readonly cause: RestartCause
  /** Of all SVIDs of the pod. */
  readonly issuers: readonly string[]
  readonly node: string
  readonly owner: string
}

/**
 * Returns for what a restart is the canary. Each of these needs one of its own that was verified, before others follow:
 * - The issuers of the pod, with the cause. A new pod starts only if they issue, and whether new pods heal a cause at all is the same for the
 *   whole cluster: one version of the driver, one approver. So there is one canary in the cluster first.
 * - The node, with its driver, for mounts and for an SVID that was not renewed: one broken driver says nothing about the next.
 * - The owner, whose program may not start any more, or may not read a new SVID either.
 */
export const scopesOf = ({ cause, issuers, node, owner }: Restarted): readonly string[] => [
  ...issuers.map((issuer) => `${cause} issuer ${issuer}`),
  ...(cause === 'not_reloaded' ? [] : [`${cause} node ${node}`]),
  `${cause} owner ${owner}`,
]
