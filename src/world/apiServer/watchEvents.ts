import type { Change } from './history.ts'
import { decodeObject, encodeObject, type StoredObject } from './object.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import type { Selector } from './selector.ts'
import type { ApiError } from './status.ts'

/** These functions return the lines of a watch. Each line is a WatchEvent of the Kubernetes API. */

export function addedLine({ json }: StoredObject): string {
  return eventLine('ADDED', json)
}

/**
 * Returns a change as a watcher of the selected objects sees it; undefined if the watcher does not see it. An object that becomes
 * selected is ADDED. An object that is no longer selected is DELETED, with its last selected state and the revision of the change.
 */
export function changeLine({ previous, current, revision }: Change, selected: Selector): string | undefined {
  const before = previous !== undefined && selected(previous) ? previous : undefined
  const after = current !== undefined && selected(current) ? current : undefined
  if (after !== undefined) return eventLine(before === undefined ? 'ADDED' : 'MODIFIED', after.json)
  if (before !== undefined) return eventLine('DELETED', encodeObject(decodeObject(before), revision).json)
  return undefined
}

/** Tells the watcher that it knows everything up to `revision`, or with `initialEventsEnd`, that it knows the initial state. */
export function bookmarkLine(type: ResourceType, revision: number, occasion?: 'initialEventsEnd'): string {
  const annotations = occasion && { 'k8s.io/initial-events-end': 'true' }
  const metadata = { resourceVersion: String(revision), annotations }
  return eventLine('BOOKMARK', JSON.stringify({ kind: type.kind, apiVersion: apiVersionOf(type), metadata }))
}

export function errorLine({ status }: ApiError): string {
  return eventLine('ERROR', JSON.stringify(status))
}

function eventLine(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR', json: string): string {
  return `{"type":"${type}","object":${json}}\n`
}
