import { deadline, type Clock } from '../clock.ts'
import type { KubernetesClient } from './client.ts'
import { parseWatchEvent, type WatchEvent } from './watchEvent.ts'

export interface WatchTarget {
  readonly client: KubernetesClient
  readonly clock: Clock
  /** Of the collection, e.g. `/apis/cert-manager.io/v1/certificaterequests`. */
  readonly path: string
  readonly signal: AbortSignal
}

/** How much longer than agreed a watch may live before it is taken for dead. */
const graceMs = 30_000

/**
 * Opens a watch that the API server ends after `timeoutS`. Resolves once it is established. It must be iterated; throws
 * KubernetesError, then and while it is iterated, `timeout` for a watch that does not end in time.
 */
export async function openWatch(
  { client, clock, path, signal }: WatchTarget,
  timeoutS: number,
  query: Readonly<Record<string, string>>,
): Promise<AsyncIterable<WatchEvent>> {
  const limit = deadline(clock, timeoutS * 1000 + graceMs, signal)
  const whole = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(timeoutS), ...query }
  try {
    const lines = await client.lines(path, { query: whole, signal: limit.signal })
    return eventsOf(lines, `watch of ${path}`, limit.cancel)
  } catch (thrown) {
    limit.cancel()
    throw thrown
  }
}

async function* eventsOf(lines: AsyncIterable<string>, request: string, done: () => void): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of lines) yield parseWatchEvent(line, request)
  } finally {
    done()
  }
}
