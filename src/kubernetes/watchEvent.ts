import type { OverlongLine } from '../http/lineSplitter.ts'
import { printable } from '../text/printable.ts'
import { readEventHead } from './eventHead.ts'
import { isRecord, metaOf, type ObjectMeta } from './json.ts'
import { KubernetesError, refusal } from './kubernetesError.ts'

/** One event of a watch. An item of a list is an ADDED event. */
export interface WatchEvent {
  /** ADDED, MODIFIED, DELETED or BOOKMARK according to the Kubernetes API. It may be any text. */
  readonly type: string
  readonly object: unknown
  readonly meta: ObjectMeta
  /** Whether the object was not read because it is too large. Its metadata then has only what names it. */
  readonly isOversized?: boolean
}

/**
 * Parses a line of a watch; `request` names the watch in messages. Throws KubernetesError: for an ERROR event with the code of
 * its Status, `protocol` for a line that is not a JSON object.
 */
export function parseWatchEvent(line: string, request: string): WatchEvent {
  const event = parseObject(line, request)
  if (event.type !== 'ERROR') {
    const type = typeof event.type === 'string' ? event.type : typeof event.type
    return { type, object: event.object, meta: metaOf(event.object) }
  }
  const status = isRecord(event.object) && typeof event.object.code === 'number' ? event.object.code : 500
  throw refusal(request, status, event.object)
}

/** Returns the event of a line that is too long to be read. */
export function oversizedEvent({ head }: OverlongLine): WatchEvent {
  const { type, ...metadata } = readEventHead(head)
  const object = { metadata }
  return { type, object, meta: metaOf(object), isOversized: true }
}

/** Reports whether a bookmark marks the end of a streaming list. */
export function endsInitialEvents({ meta }: WatchEvent): boolean {
  return meta.annotations['k8s.io/initial-events-end'] === 'true' && meta.resourceVersion !== ''
}

function parseObject(line: string, request: string): Readonly<Record<string, unknown>> {
  let cause: unknown
  try {
    const parsed: unknown = JSON.parse(line)
    if (isRecord(parsed)) return parsed
  } catch (thrown) {
    cause = thrown
  }
  const excerpt = printable(line.slice(0, 60))
  throw new KubernetesError('protocol', `${request}: a line of the watch is not a JSON object: ${excerpt}`, { cause })
}
