import { messageOf } from '../errors.ts'
import { printable } from '../text/printable.ts'
import type { ObjectRejection, ReflectorHandler } from './handler.ts'
import { whereOf } from './json.ts'
import { shareBytes } from './listBudget.ts'
import type { WatchEvent } from './watchEvent.ts'

/** Receives the objects of a list or watch. */
export interface Receiver<T> {
  /** Returns what is needed of a raw object. Throws if the object is malformed, which rejects only that object. */
  readonly project: (raw: unknown) => T
  readonly handler: ReflectorHandler<T>
}

/** Passes one event to the receiver. `listed` is true for an item of a list. */
export function deliver<T>(event: WatchEvent, listed: boolean, receiver: Receiver<T>): void {
  const { handler } = receiver
  const { type } = event
  const { uid, resourceVersion } = event.meta
  const reject = (detail: string) => handler.rejected(rejectionOf(event, listed, detail))
  if (event.isOversized && type !== 'DELETED') {
    return reject(`its JSON is longer than ${shareBytes / 2 ** 20} MiB, so it is not read`)
  }
  if (resourceVersion === '') return reject(`${printable(type)} event without a metadata.resourceVersion`)
  switch (type) {
    case 'ADDED':
      return deliverObject(event, 'added', listed, receiver)
    case 'MODIFIED':
      return deliverObject(event, 'modified', listed, receiver)
    case 'DELETED':
      if (uid === '') return reject('DELETED event without a metadata.uid')
      return handler.deleted({ uid, resourceVersion })
    case 'BOOKMARK':
      return handler.progress(resourceVersion)
    default:
      return reject(`event of the unknown type ${printable(type)}`)
  }
}

function deliverObject<T>(
  event: WatchEvent,
  change: 'added' | 'modified',
  listed: boolean,
  { project, handler }: Receiver<T>,
): void {
  let object: T
  try {
    object = project(event.object)
  } catch (thrown) {
    handler.rejected(rejectionOf(event, listed, printable(messageOf(thrown))))
    return
  }
  handler.object({ change, listed, object, resourceVersion: event.meta.resourceVersion })
}

function rejectionOf({ object, meta, isOversized }: WatchEvent, listed: boolean, detail: string): ObjectRejection {
  const reason = isOversized === true ? 'oversized_object' : 'malformed_object'
  return { reason, where: whereOf(object), detail, uid: meta.uid, listed }
}
