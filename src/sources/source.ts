import type { Report } from '../ledger/observations.ts'

/** One real system that is watched. It reports what it observes and knows nobody who reads it. */
export interface Source {
  /** Begins to watch; whatever goes wrong afterwards is reported, never thrown. Ends when `signal` aborts. */
  start(report: Report, signal: AbortSignal): void
  /** Resolves when everything that `start` opened is closed; may be called again. */
  close(): Promise<void>
}
