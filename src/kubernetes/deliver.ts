import { messageOf } from '../errors.ts'
import type { ReflectorHandler } from './handler.ts'
import { printable } from './json.ts'
import type { WatchEvent } from './watchEvent.ts'

/** Where objects go, and what is kept of each. */
export interface Receiver<T> {
  /** What is kept of a raw object. Throws where the object is not what its API promises: that rejects this one object. */
  readonly project: (raw: unknown) => T
  readonly handler: ReflectorHandler<T>
}

/** Hands one event on. `listed`: it belongs to a list. */
export function deliver<T>(event: WatchEvent, listed: boolean, receiver: Receiver<T>): void {
  const { handler } = receiver
  const { uid, resourceVersion, where } = event.meta
  if (resourceVersion === '') {
    handler.rejected(where, `${event.type} event without a metadata.resourceVersion`)
    return
  }
  switch (event.type) {
    case 'ADDED':
      return deliverObject(event, 'added', listed, receiver)
    case 'MODIFIED':
      return deliverObject(event, 'modified', listed, receiver)
    case 'DELETED':
      if (uid === '') return handler.rejected(where, 'DELETED event without a metadata.uid')
      return handler.deleted({ uid, resourceVersion })
    case 'BOOKMARK':
      return handler.progress(resourceVersion)
    default:
      return handler.rejected(where, `event of the unknown type ${event.type}`)
  }
}

function deliverObject<T>(
  { object: raw, meta }: WatchEvent,
  change: 'added' | 'modified',
  listed: boolean,
  { project, handler }: Receiver<T>,
): void {
  let object: T
  try {
    object = project(raw)
  } catch (thrown) {
    handler.rejected(meta.where, printable(messageOf(thrown)))
    return
  }
  handler.object({ change, listed, object, resourceVersion: meta.resourceVersion })
}
