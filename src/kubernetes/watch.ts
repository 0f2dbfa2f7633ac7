import { deadline, type Clock } from '../clock.ts'
import type { KubernetesClient } from './client.ts'
import { parseWatchEvent, type WatchEvent } from './watchEvent.ts'

/** What to list and watch. */
export interface WatchTarget {
  readonly client: KubernetesClient
  readonly clock: Clock
  /** The path of the collection, e.g. `/apis/cert-manager.io/v1/certificaterequests`. */
  readonly path: string
  /** Selects objects by their labels, in Kubernetes' own notation; undefined selects all. */
  readonly labelSelector?: string
  readonly signal: AbortSignal
}

/** How much longer than requested a watch may last before it is considered dead. */
const graceMs = 30_000

/**
 * Opens a watch that the API server ends after `timeoutS`. Resolves with its events once the watch is established. The events
 * must be iterated. Throws KubernetesError, also while they are iterated; `timeout` if the watch does not end in time.
 */
export async function openWatch(
  { client, clock, path, labelSelector, signal }: WatchTarget,
  timeoutS: number,
  query: Readonly<Record<string, string>>,
): Promise<AsyncIterable<WatchEvent>> {
  const limit = deadline(clock, timeoutS * 1000 + graceMs, signal)
  const fullQuery = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutS),
    ...selection(labelSelector),
    ...query,
  }
  try {
    const lines = await client.lines(path, { query: fullQuery, signal: limit.signal })
    return eventsOf(lines, `watch of ${path}`, limit.cancel)
  } catch (thrown) {
    limit.cancel()
    throw thrown
  }
}

/** Returns the part of a query that selects the objects of a list or watch. */
export function selection(labelSelector: string | undefined): Readonly<Record<string, string>> {
  return labelSelector === undefined ? {} : { labelSelector }
}

async function* eventsOf(lines: AsyncIterable<string>, request: string, done: () => void): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of lines) yield parseWatchEvent(line, request)
  } finally {
    done()
  }
}
