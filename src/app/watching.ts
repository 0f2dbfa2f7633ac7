import type { LoadProblem } from '../checkpoint/loadWithRetry.ts'
import { deadline } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Report } from '../ledger/observations.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Persistence } from './persistence.ts'
import { createSource } from './roles.ts'
import { sharedAmong } from './sharedAmongSources.ts'
import type { SourceContext } from './sourceEntries.ts'
import type { Source } from '../sources/source.ts'

export interface WatchingOptions extends Omit<SourceContext, 'shared'> {
  readonly sources: readonly SourceName[]
  readonly report: Report
  /** Removes what is out of date from the ledger. */
  readonly forgetOld: () => void
  /** Undefined if nothing survives this process. */
  readonly persistence: Pick<Persistence, 'committer' | 'keeper'> | undefined
}

/** How long the sources and commits under way may take to stop. What they wait for may never come. */
const stopMs = 2_000

/** How long the last commit may take during the shutdown. */
const lastCommitMs = 2_000

/**
 * How long the bundle endpoints wait for the stored bundles. The API server that stores them may be unreachable, and the endpoints
 * can start without. Bundles that arrive later are used from the next attempt on.
 */
const memoryWaitMs = 3_000

const forgetEveryMs = 60_000

/**
 * Starts the sources, and commits regularly what must survive a restart. The source of CertificateRequests starts once the stored
 * checkpoint is resumed, so that nothing is counted twice; if resuming fails because of a bug, the source stays in trouble. `close`
 * stops all sources and commits a last time.
 */
export function startWatching(options: WatchingOptions): { close(): Promise<void> } {
  const { sources, report, persistence, clock } = options
  const { committer, keeper } = persistence ?? {}
  const context = { ...options, shared: sharedAmong(sources, options.config) }
  const stopped = new AbortController()
  const { signal } = stopped
  const cannotCount = ({ reason, detail }: LoadProblem) =>
    report({ kind: 'trouble', source: 'certificateRequests', reason, detail })
  /** Resolves to whether the checkpoint was resumed. */
  const resumed = committer?.resume(signal, cannotCount).then(
    () => true,
    (error: unknown) => {
      cannotCount({ reason: 'internal', detail: messageOf(error) })
      return false
    },
  )
  const restored = keeper?.resume(signal)
  const waits: Partial<Record<SourceName, Promise<unknown>>> = {
    ...(resumed && { certificateRequests: resumed }),
    ...(restored && { bundleEndpoints: Promise.race([restored, clock.sleep(memoryWaitMs, signal)]) }),
  }
  const start = async (name: SourceName): Promise<Source | undefined> => {
    if ((await waits[name]) === false || signal.aborted) return undefined
    try {
      const source = await createSource(name, context)
      source.start(report, signal)
      return source
    } catch (error) {
      report({ kind: 'trouble', source: name, reason: 'internal', detail: messageOf(error) })
      return undefined
    }
  }
  const started = sources.map(start)
  const forgetting = forgetRegularly(options, signal)
  const committing = [
    resumed?.then((isResumed) => (isResumed ? committer?.run(signal) : undefined)),
    restored?.then(() => keeper?.run(signal)),
  ]

  return {
    async close() {
      stopped.abort()
      const closed = new AbortController()
      const sources = started.map(async (source) => (await source)?.close())
      const closing = Promise.all([forgetting, ...committing, ...sources])
      await Promise.race([closing, clock.sleep(stopMs, closed.signal)])
      closed.abort()
      const limit = deadline(clock, lastCommitMs)
      await Promise.all([committer?.commit(limit.signal), keeper?.commit(limit.signal)])
      limit.cancel()
    },
  }
}

async function forgetRegularly(
  { clock, forgetOld }: Pick<WatchingOptions, 'clock' | 'forgetOld'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(forgetEveryMs, signal)
    forgetOld()
  }
}
