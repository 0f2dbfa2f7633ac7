import type { ResourceType } from './resources.ts'

/** The target of a path: a collection (no `name`), an object, its status, or its eviction. */
export interface Target {
  readonly type: ResourceType
  /** undefined for the whole cluster, or for a cluster-scoped resource. */
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly status: boolean
  readonly eviction?: true
}

/** Resolves a path (Kubernetes API concepts, "Resource URIs"). Returns undefined if there is nothing under it. */
export function resolvePath(path: string, resources: Iterable<ResourceType>): Target | undefined {
  const segments = decodeSegments(path)
  for (const type of resources) {
    const root = type.group === '' ? ['api', type.version] : ['apis', type.group, type.version]
    if (!root.every((segment, i) => segments[i] === segment)) continue
    const target = resolveWithin(type, segments.slice(root.length))
    if (target !== undefined) return target
  }
  return undefined
}

function resolveWithin(type: ResourceType, segments: readonly string[]): Target | undefined {
  if (!type.namespaced) return resolveObject(type, undefined, segments)
  const [scope, namespace, ...rest] = segments
  if (scope === 'namespaces' && namespace !== undefined) return resolveObject(type, namespace, rest)
  const target = resolveObject(type, undefined, segments)
  return target?.name === undefined ? target : undefined
}

function resolveObject(
  type: ResourceType,
  namespace: string | undefined,
  segments: readonly string[],
): Target | undefined {
  const [plural, name, subresource, ...rest] = segments
  if (plural !== type.plural || name === '' || rest.length > 0) return undefined
  const target = { type, namespace, name, status: false }
  if (subresource === undefined) return target
  if (subresource === 'status' && type.statusSubresource) return { ...target, status: true }
  return subresource === 'eviction' && type.evictionSubresource ? { ...target, eviction: true } : undefined
}

function decodeSegments(path: string): string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return []
  }
}

/** Returns the name of a target's resource in rights and messages, such as `pods/eviction`. */
export function resourceOf({ type, status, eviction }: Target): string {
  if (eviction) return `${type.plural}/eviction`
  return status ? `${type.plural}/status` : type.plural
}
