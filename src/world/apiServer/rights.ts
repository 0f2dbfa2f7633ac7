import { parseListOptions } from './options.ts'
import { resourceOf, type Target } from './paths.ts'
import { forbidden } from './status.ts'

/** A rule of a Role in `namespace`, or of a ClusterRole that is bound in the whole cluster. */
export interface Right {
  /** Undefined for the whole cluster. */
  readonly namespace?: string | undefined
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  /** The names of the objects that the rule is about; undefined for all. */
  readonly resourceNames?: readonly string[] | undefined
  readonly verbs: readonly string[]
}

/** Throws Forbidden unless one of `rights` covers the request, as RBAC does. */
export function checkRights(rights: readonly Right[], method: string, target: Target, query: URLSearchParams): void {
  const verb = verbOf(method, target, query)
  const named = { ...target, name: target.name ?? (method === 'GET' ? selectedName(query) : undefined) }
  if (!rights.some((right) => covers(right, verb, named))) throw forbidden(named, verb)
}

/** Returns the only name that a request for a collection selects: Kubernetes then asks for the right to the object of this name. */
const selectedName = (query: URLSearchParams): string | undefined =>
  /(?:^|,)\s*metadata\.name\s*==?\s*([^\s,]+)/.exec(query.get('fieldSelector') ?? '')?.[1]

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

function verbOf(method: string, { name }: Target, query: URLSearchParams): string {
  if (method !== 'GET') return verbs[method] ?? method.toLowerCase()
  if (name !== undefined) return 'get'
  return parseListOptions(query).watch ? 'watch' : 'list'
}

function covers(right: Right, verb: string, target: Target): boolean {
  const { type, namespace, name } = target
  return (
    (right.namespace === undefined || right.namespace === namespace) &&
    right.apiGroups.includes(type.group) &&
    right.resources.includes(resourceOf(target)) &&
    (right.resourceNames === undefined || (name !== undefined && right.resourceNames.includes(name))) &&
    right.verbs.includes(verb)
  )
}
