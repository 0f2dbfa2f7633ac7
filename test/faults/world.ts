import type { Credentials } from '../../src/kubernetes/credentials.ts'
import type { FaultyRelay } from '../support/faultyRelay.ts'
import type { Progress } from './lifecycles.ts'

/** An API server, and the load on it. */
export interface World {
  /** Whoever these are may do all that svidwatch does. */
  readonly credentials: Credentials
  readonly requests: number
  /** How long the API server is gone each time. */
  readonly outageMs: number
  /** Lets so many requests begin. */
  allow(upTo: number): void
  /** While requests are kept, none is deleted after its end. */
  keep(isKept: boolean): void
  progress(): Promise<Progress>
  /** Resolves when all requests have come to their ends. */
  readonly ended: Promise<unknown>
  /** Lets the API server, which svidwatch knows through the relay, stop and start: it has no history from before then. */
  restart(relay: FaultyRelay): Promise<void>
  /** Takes back what was made, and ends the processes that were started. */
  close(): Promise<void>
}
