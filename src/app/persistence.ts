import type { AppOptions } from './options.ts'
import { Committer } from '../checkpoint/committer.ts'
import { MemoryKeeper } from '../checkpoint/memoryKeeper.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { CheckpointStatus } from '../metrics/collectors/self.ts'

/** What lets a process go on where an earlier one stopped. */
export interface Persistence {
  /** Commits what is counted of the CertificateRequests; undefined: they are not watched. */
  readonly committer: Committer | undefined
  readonly keeper: MemoryKeeper
  /** How both of them fare; the last success is that of the totals. */
  readonly status: CheckpointStatus
}

type Options = Pick<AppOptions, 'store' | 'roles' | 'clock' | 'log' | 'config'>

/** undefined: nothing outlives this process. */
export function createPersistence(
  { store, roles, clock, log, config }: Options,
  ledger: Ledger,
): Persistence | undefined {
  if (store === undefined) return undefined
  const onProblem = (message: string) => log.error({ event: 'checkpoint_problem' }, message)
  const options = { ledger, store, clock, intervalMs: config.checkpoint.intervalMs, onProblem }
  const committer = roles.includes('cluster') ? new Committer(options) : undefined
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
