import type { Credentials } from '../../src/kubernetes/credentials.ts'
import type { FaultyRelay } from '../support/faultyRelay.ts'
import type { Progress } from './lifecycles.ts'

/** An API server, and the load on it. */
export interface World {
  /** Whoever these are may do all that svidwatch does. */
  readonly credentials: Credentials
  readonly requests: number
  /** Whether the API server has no history from before an outage. */
  readonly forgetsInOutage: boolean
  /** Lets so many requests begin. */
  allow(upTo: number): void
  /** While requests are kept, none is deleted after its end. */
  keep(isKept: boolean): void
  progress(): Promise<Progress>
  /** Resolves when all requests have come to their ends. */
  readonly ended: Promise<unknown>
  /** Lets the API server, which svidwatch knows through the relay, be gone for a while. */
  outage(relay: FaultyRelay): Promise<void>
  /** Takes back what was made, and ends the processes that were started. */
  close(): Promise<void>
}
