import type { Candidate } from './candidate.ts'
import type { RestartCause, Restarted } from './causes.ts'

/** A restart that is to be reserved. */
export interface Wanted extends Restarted {
  /** The uid of the pod. */
  readonly pod: string
  readonly namespace: string
}

/** Returns the restart that a candidate with an owner asks for. */
export const wantedOf = ({ pod }: Candidate, cause: RestartCause): Wanted => ({
  pod: pod.uid,
  namespace: pod.namespace,
  cause,
  issuers: pod.issuers,
  node: pod.node,
  owner: pod.owner?.key ?? '',
})
