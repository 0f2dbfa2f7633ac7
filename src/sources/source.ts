import type { Report } from '../ledger/observations.ts'

/** Watches one real system and reports what it observes. */
export interface Source {
  /** Begins to watch, until `signal` aborts. Failures are reported, never thrown. */
  start(report: Report, signal: AbortSignal): void
  /** Closes everything that `start` opened, and resolves when that is done. May be called more than once. */
  close(): Promise<void>
}
