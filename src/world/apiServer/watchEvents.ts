import type { Change } from './history.ts'
import { decodeObject, encodeObject, type StoredObject } from './object.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import type { Selector } from './selector.ts'
import type { ApiError } from './status.ts'

/** The lines of a watch: each a WatchEvent of the Kubernetes API. */

export function addedLine({ json }: StoredObject): string {
  return eventLine('ADDED', json)
}

/**
 * How a watcher of the selected objects sees a change: an object that comes to be selected is ADDED, one that ceases to be is
 * DELETED, with its last selected state and the change's revision. undefined: it sees nothing.
 */
export function changeLine({ previous, current, revision }: Change, selected: Selector): string | undefined {
  const before = previous !== undefined && selected(previous) ? previous : undefined
  const after = current !== undefined && selected(current) ? current : undefined
  if (after !== undefined) return eventLine(before === undefined ? 'ADDED' : 'MODIFIED', after.json)
  if (before !== undefined) return eventLine('DELETED', encodeObject(decodeObject(before), revision).json)
  return undefined
}

/** Says that the watcher knows everything up to `revision`; or, the first time, that it knows the initial state. */
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
