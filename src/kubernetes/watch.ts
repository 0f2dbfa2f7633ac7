import { deadline, type Clock } from '../clock.ts'
import type { KubernetesClient } from './client.ts'
import { parseWatchEvent, type WatchEvent } from './watchEvent.ts'

export interface WatchTarget {
  readonly client: KubernetesClient
  readonly clock: Clock
  /** Of the collection, e.g. `/apis/cert-manager.io/v1/certificaterequests`. */
  readonly path: string
  /** Only objects with these labels, in Kubernetes' own notation; undefined: all. */
  readonly labelSelector?: string
  readonly signal: AbortSignal
}

/** How much longer than agreed a watch may live before it is taken for dead. */
const graceMs = 30_000

/**
 * Opens a watch that the API server ends after `timeoutS`. Resolves once it is established. It must be iterated; throws
 * KubernetesError, then and while it is iterated, `timeout` for a watch that does not end in time.
 */
export async function openWatch(
  { client, clock, path, labelSelector, signal }: WatchTarget,
  timeoutS: number,
  query: Readonly<Record<string, string>>,
): Promise<AsyncIterable<WatchEvent>> {
  const limit = deadline(clock, timeoutS * 1000 + graceMs, signal)
  const whole = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutS),
    ...selection(labelSelector),
    ...query,
  }
  try {
    const lines = await client.lines(path, { query: whole, signal: limit.signal })
    return eventsOf(lines, `watch of ${path}`, limit.cancel)
  } catch (thrown) {
    limit.cancel()
    throw thrown
  }
}

/** What of the query of a list or watch says which objects are meant. */
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
