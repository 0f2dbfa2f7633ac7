import type { Report } from '../ledger/observations.ts'
import type { Source } from './source.ts'

/** Returns a source that is one loop. `run` must never reject, and must end soon after its signal aborts. */
export function loopSource(run: (report: Report, signal: AbortSignal) => Promise<void>): Source {
  const closed = new AbortController()
  let running: Promise<void> | undefined
  return {
    start: (report, signal) => {
      signal.addEventListener('abort', () => closed.abort(), { once: true })
      if (signal.aborted) closed.abort()
      running = run(report, closed.signal)
    },
    close: async () => {
      closed.abort()
      await running
    },
  }
}
