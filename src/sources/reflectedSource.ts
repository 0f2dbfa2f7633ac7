import { messageOf } from '../errors.ts'
import type { ReflectedObject, ReflectorTrouble } from '../kubernetes/handler.ts'
import { runReflector, type ReflectorOptions } from '../kubernetes/reflector.ts'
import type { Report } from '../ledger/observations.ts'
import { customResources, type SourceName, type SourceStep } from '../ledger/sight/observations.ts'
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
          trouble: (trouble) => report(stepOf(trouble, source)),
          rejected: (where, detail) => report({ kind: 'rejected', source, reason: 'malformed_object', where, detail }),
        },
      }).catch((error: unknown) => report({ kind: 'trouble', source, reason: 'internal', detail: messageOf(error) }))
    },
    close: () => running ?? Promise.resolve(),
  }
}

/** Where a CRD may never have been installed, a resource that does not exist is no trouble yet: the ledger knows whether it was. */
function stepOf({ code, message, missing }: ReflectorTrouble, source: SourceName): SourceStep {
  const crd = customResources[source]
  if (crd === undefined) return { kind: 'trouble', source, reason: code, detail: message }
  if (missing === 'resource') return { kind: 'absent', source, detail: `the CRD ${crd} is not installed: ${message}` }
  const either = `${message}; a right is missing, or the CRD ${crd} is not installed: the API server checks rights first`
  return { kind: 'trouble', source, reason: code, detail: code === 'forbidden' ? either : message }
}
