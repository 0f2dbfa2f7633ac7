import type { AppOptions } from './options.ts'
import { Committer } from '../checkpoint/committer.ts'
import { MemoryKeeper } from '../checkpoint/memoryKeeper.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { CheckpointStatus } from '../metrics/collectors/self.ts'

/** Keeps the state that a later process resumes from. */
export interface Persistence {
  /** Commits the totals of the CertificateRequests; undefined if CertificateRequests are not watched. */
  readonly committer: Committer | undefined
  readonly keeper: MemoryKeeper
  /** The failures of both, and the last success of the committer. */
  readonly status: CheckpointStatus
}

type Options = Pick<AppOptions, 'store' | 'clock' | 'log' | 'config'> & {
  /** The sources of the process. */
  readonly sources: readonly SourceName[]
}

/** Returns undefined if there is no store, so that nothing survives this process. */
export function createPersistence(
  { store, sources, clock, log, config }: Options,
  ledger: Ledger,
): Persistence | undefined {
  if (store === undefined) return undefined
  const onProblem = (message: string) => log.error({ event: 'checkpoint_problem' }, message)
  const options = { ledger, store, clock, intervalMs: config.checkpoint.intervalMs, onProblem }
  const committer = sources.includes('certificateRequests')
    ? new Committer({ ...options, namespaces: config.kubernetes.namespaces })
    : undefined
  const keeper = new MemoryKeeper(options)
  return {
    committer,
    keeper,
    status: {
      get lastSuccessMs() {
        return committer?.lastSuccessMs
      },
      get failures() {
        return (committer?.failures ?? 0) + keeper.failures
      },
    },
  }
}
