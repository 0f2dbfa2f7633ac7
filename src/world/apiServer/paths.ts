import type { ResourceType } from './resources.ts'

/** The target of a path: a collection (no `name`), an object, or its status. */
export interface Target {
  readonly type: ResourceType
  /** undefined for the whole cluster, or for a cluster-scoped resource. */
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly status: boolean
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
  if (subresource !== undefined && !(subresource === 'status' && type.statusSubresource)) return undefined
  return { type, namespace, name, status: subresource !== undefined }
}

function decodeSegments(path: string): string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return []
  }
}
