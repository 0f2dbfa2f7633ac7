import { messageOf } from '../errors.ts'
import type { ReflectedObject, ReflectorHandler, ReflectorTrouble } from '../kubernetes/handler.ts'
import { runReflector, type ReflectorOptions } from '../kubernetes/reflector.ts'
import type { Report } from '../ledger/observations.ts'
import { customResources, type SourceName, type SourceStep } from '../ledger/sight/observations.ts'
import type { Source } from './source.ts'

type PassedOption = 'client' | 'clock' | 'path' | 'project' | 'pageSize' | 'longestWatchS'

export interface ReflectedSourceOptions<T> extends Pick<ReflectorOptions<T>, PassedOption> {
  readonly source: SourceName
  /** The namespaces to watch one by one; undefined for the whole cluster. `path` is that of the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
  /** The names of the objects to watch one by one; undefined for all. */
  readonly names?: readonly string[] | undefined
  /** Returns the resourceVersion up to which everything is known, in one namespace or in the whole cluster. */
  readonly resumeFrom?: ((namespace: string | undefined) => string | undefined) | undefined
  /** Reports an object that was listed, added or modified. `namespace` is given if it is watched alone. */
  readonly onObject: (seen: ReflectedObject<T>, report: Report, namespace: string | undefined) => void
  /** Reports that an object was deleted. */
  readonly onDeleted: (uid: string, resourceVersion: string, report: Report, namespace: string | undefined) => void
}

/** Returns a source that follows one kind of Kubernetes objects. It has contact with each evidence of its reflectors. */
export function reflectedSource<T>(options: ReflectedSourceOptions<T>): Source {
  const { namespaces = [undefined], names = [undefined], source, resumeFrom } = options
  let running: Promise<unknown> | undefined
  return {
    start(report, signal) {
      const run = ({ namespace, name }: Watched) =>
        runReflector({
          ...options,
          signal,
          path: pathIn(options.path, namespace),
          fieldSelector: name && `metadata.name=${name}`,
          resumeFrom: resumeFrom?.(namespace),
          handler: handlerOf(options, report, { namespace, name }),
        }).catch((error: unknown) =>
          report({ kind: 'trouble', source, reason: 'internal', detail: messageOf(error), namespace, name }),
        )
      running = Promise.all(namespaces.flatMap((namespace) => names.map((name) => run({ namespace, name }))))
    },
    close: async () => {
      await running
    },
  }
}

/** What one reflector watches: a namespace or all of them, an object by its name or all of them. */
interface Watched {
  readonly namespace: string | undefined
  readonly name: string | undefined
}

/** Returns the path of a collection in one namespace, such as `/api/v1/namespaces/team-a/pods`. */
const pathIn = (path: string, namespace: string | undefined): string =>
  namespace === undefined ? path : path.replace(/\/[^/]+$/, (collection) => `/namespaces/${namespace}${collection}`)

function handlerOf<T>(
  { source, onObject, onDeleted }: ReflectedSourceOptions<T>,
  report: Report,
  { namespace, name }: Watched,
): ReflectorHandler<T> {
  const watch = { source, namespace, ...(name !== undefined && { name }) }
  return {
    listing: () => report({ kind: 'listing', ...watch }),
    object: (seen) => onObject(seen, report, namespace),
    deleted: ({ uid, resourceVersion }) => onDeleted(uid, resourceVersion, report, namespace),
    listed: (resourceVersion) => report({ kind: 'listed', ...watch, resourceVersion }),
    progress: (resourceVersion) => report({ kind: 'progress', ...watch, resourceVersion }),
    contact: () => report({ kind: 'contact', ...watch }),
    trouble: (trouble) => report(stepOf(trouble, watch)),
    rejected({ uid, listed, ...rejection }) {
      report({ kind: 'rejected', source, ...rejection })
      if (listed && uid !== '') report({ kind: 'unread', ...watch, uid })
    },
  }
}

/** Where a CRD may never have been installed, a resource that does not exist is no trouble yet: the ledger knows whether it was. */
function stepOf(
  { code, message, missing }: ReflectorTrouble,
  watch: { readonly source: SourceName } & Partial<Watched>,
): SourceStep {
  const crd = customResources[watch.source]
  if (crd === undefined) return { kind: 'trouble', ...watch, reason: code, detail: message }
  if (missing === 'resource') return { kind: 'absent', ...watch, detail: `the CRD ${crd} is not installed: ${message}` }
  const either = `${message}; a right is missing, or the CRD ${crd} is not installed: the API server checks rights first`
  return { kind: 'trouble', ...watch, reason: code, detail: code === 'forbidden' ? either : message }
}
