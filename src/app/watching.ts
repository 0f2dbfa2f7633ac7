import type { Waiting } from '../checkpoint/answers.ts'
import { deadline } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Report } from '../ledger/observations.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Persistence } from './persistence.ts'
import { createSource } from './roles.ts'
import type { SourceContext } from './sourceEntries.ts'
import type { Source } from '../sources/source.ts'

export interface WatchingOptions extends SourceContext {
  readonly sources: readonly SourceName[]
  readonly report: Report
  /** Forgets what the ledger need not know any more. */
  readonly forgetOld: () => void
  /** Undefined: nothing outlives this process. */
  readonly persistence: Pick<Persistence, 'committer' | 'keeper'> | undefined
}

/** How long the last commit may take when everything stops. */
const lastCommitMs = 2_000

/**
 * How long the bundle endpoints wait for what is remembered of them: the API server that remembers it may be gone, and they
 * know how to begin without. What comes later counts from their next attempt on.
 */
const memoryWaitMs = 3_000

/** How often what is out of date is forgotten. */
const forgetEveryMs = 60_000

/**
 * Starts the sources, and keeps what they bring to count and to remember. The one that is counted starts when it is known from
 * where on, and stays in trouble where a fault of the program leaves that open. `close` stops them all and commits a last time.
 */
export function startWatching(options: WatchingOptions): { close(): Promise<void> } {
  const { sources, report, persistence, clock } = options
  const { committer, keeper } = persistence ?? {}
  const stopped = new AbortController()
  const { signal } = stopped
  const cannotCount = ({ reason, detail }: Waiting) =>
    report({ kind: 'trouble', source: 'certificateRequests', reason, detail })
  /** Whether it is known from where on to count. */
  const counting = committer?.resume(signal, cannotCount).then(
    () => true,
    (error: unknown) => {
      cannotCount({ reason: 'internal', detail: messageOf(error) })
      return false
    },
  )
  const remembering = keeper?.resume(signal)
  const waits: Partial<Record<SourceName, Promise<unknown>>> = {
    ...(counting && { certificateRequests: counting }),
    ...(remembering && { bundleEndpoints: Promise.race([remembering, clock.sleep(memoryWaitMs, signal)]) }),
  }
  const start = async (name: SourceName): Promise<Source | undefined> => {
    if ((await waits[name]) === false || signal.aborted) return undefined
    try {
      const source = await createSource(name, options)
      source.start(report, signal)
      return source
    } catch (error) {
      report({ kind: 'trouble', source: name, reason: 'internal', detail: messageOf(error) })
      return undefined
    }
  }
  const started = sources.map(start)
  const forgetting = forgetRegularly(options, signal)
  const keeping = [
    counting?.then((isKnown) => (isKnown ? committer?.run(signal) : undefined)),
    remembering?.then(() => keeper?.run(signal)),
  ]

  return {
    async close() {
      stopped.abort()
      await Promise.all([forgetting, ...keeping, ...started.map(async (source) => (await source)?.close())])
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
