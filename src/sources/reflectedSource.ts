import { messageOf } from '../errors.ts'
import type { ReflectedObject } from '../kubernetes/handler.ts'
import { runReflector, type ReflectorOptions } from '../kubernetes/reflector.ts'
import type { Report } from '../ledger/observations.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Source } from './source.ts'

type PassedOption = 'client' | 'clock' | 'path' | 'project' | 'resumeFrom' | 'pageSize' | 'longestWatchS'

export interface ReflectedSourceOptions<T> extends Pick<ReflectorOptions<T>, PassedOption> {
  readonly source: SourceName
  /** Reports an object that was listed, added or modified. */
  readonly onObject: (seen: ReflectedObject<T>, report: Report) => void
  /** Reports that an object was deleted. */
  readonly onDeleted: (uid: string, resourceVersion: string, report: Report) => void
}

/** Returns a source that follows one kind of Kubernetes objects. It has contact with each evidence of its reflector. */
export function reflectedSource<T>({ source, onObject, onDeleted, ...options }: ReflectedSourceOptions<T>): Source {
  let running: Promise<void> | undefined
  return {
    start(report, signal) {
      running = runReflector({
        ...options,
        signal,
        handler: {
          listing: () => report({ kind: 'listing', source }),
          object: (seen) => onObject(seen, report),
          deleted: ({ uid, resourceVersion }) => onDeleted(uid, resourceVersion, report),
          listed: (resourceVersion) => report({ kind: 'listed', source, resourceVersion }),
          progress: (resourceVersion) => report({ kind: 'progress', source, resourceVersion }),
          contact: () => report({ kind: 'contact', source }),
          trouble: ({ code, message }) => report({ kind: 'trouble', source, reason: code, detail: message }),
          rejected: (where, detail) => report({ kind: 'rejected', source, reason: 'malformed_object', where, detail }),
        },
      }).catch((error: unknown) => report({ kind: 'trouble', source, reason: 'internal', detail: messageOf(error) }))
    },
    close: () => running ?? Promise.resolve(),
  }
}
