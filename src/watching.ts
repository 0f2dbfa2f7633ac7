import type { Committer } from './checkpoint/committer.ts'
import { deadline } from './clock.ts'
import { messageOf } from './errors.ts'
import type { Report, SourceName } from './ledger/observations.ts'
import { createSource, type Surroundings } from './roles.ts'
import type { Source } from './sources/source.ts'

export interface WatchingOptions extends Surroundings {
  readonly sources: readonly SourceName[]
  readonly report: Report
  /** Commits what is counted of the CertificateRequests; undefined: nothing is committed. */
  readonly committer: Committer | undefined
}

/** How long the last commit may take when everything stops. */
const lastCommitMs = 2_000

/**
 * Starts the sources, and commits what they bring to count. The one that is counted starts when it is known from where on.
 * `close` stops them all and commits a last time.
 */
export function startWatching(options: WatchingOptions): { close(): Promise<void> } {
  const { sources, report, committer, clock } = options
  const stopped = new AbortController()
  const resumed = committer?.resume(stopped.signal, ({ reason, detail }) =>
    report({ kind: 'trouble', source: 'certificateRequests', reason, detail }),
  )
  const start = async (name: SourceName): Promise<Source | undefined> => {
    if (name === 'certificateRequests') await resumed
    try {
      const source = await createSource[name](options)
      source.start(report, stopped.signal)
      return source
    } catch (error) {
      report({ kind: 'trouble', source: name, reason: 'internal', detail: messageOf(error) })
      return undefined
    }
  }
  const started = sources.map(start)
  const committing = resumed?.then(() => committer?.run(stopped.signal))

  return {
    async close() {
      stopped.abort()
      await Promise.all([committing, ...started.map(async (source) => (await source)?.close())])
      const limit = deadline(clock, lastCommitMs)
      await committer?.commit(limit.signal)
      limit.cancel()
    },
  }
}
