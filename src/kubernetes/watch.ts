import type { Clock } from '../clock.ts'
import type { KubernetesClient } from './client.ts'
import type { OverlongLine } from '../http/lineSplitter.ts'
import { oversizedEvent, parseWatchEvent, type WatchEvent } from './watchEvent.ts'

/** What to list and watch. */
export interface WatchTarget {
  readonly client: KubernetesClient
  readonly clock: Clock
  /** The path of the collection, e.g. `/apis/cert-manager.io/v1/certificaterequests`. */
  readonly path: string
  /** Selects objects by their labels, in Kubernetes' own notation; undefined selects all. */
  readonly labelSelector?: string
  /** Selects objects by their fields, such as `metadata.name=web`; undefined selects all. */
  readonly fieldSelector?: string | undefined
  readonly signal: AbortSignal
}

/**
 * Opens a watch that the API server should end after `timeoutS`. Resolves with its events once the watch is established. The events
 * must be iterated. Throws KubernetesError, also while they are iterated.
 */
export async function openWatch(
  { client, path, signal, ...selectors }: Omit<WatchTarget, 'clock'>,
  timeoutS: number,
  query: Readonly<Record<string, string>>,
): Promise<AsyncIterable<WatchEvent>> {
  const fullQuery = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutS),
    ...selection(selectors),
    ...query,
  }
  return eventsOf(await client.lines(path, { query: fullQuery, signal }), `watch of ${path}`)
}

/** Returns the part of a query that selects the objects of a list or watch. */
export function selection({
  labelSelector,
  fieldSelector,
}: Pick<WatchTarget, 'labelSelector' | 'fieldSelector'>): Readonly<Record<string, string>> {
  return {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  }
}

async function* eventsOf(lines: AsyncIterable<string | OverlongLine>, request: string): AsyncGenerator<WatchEvent> {
  for await (const line of lines) {
    yield typeof line === 'string' ? parseWatchEvent(line, request) : oversizedEvent(line)
  }
}
