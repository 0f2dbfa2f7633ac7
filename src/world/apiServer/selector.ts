import type { StoredObject } from './object.ts'
import type { Target } from './paths.ts'
import { ApiError } from './status.ts'

export type Selector = (object: StoredObject) => boolean

/**
 * Parses `labelSelector` (equality only) and `fieldSelector` (metadata.name and metadata.namespace). Returns undefined if both are
 * empty, which selects every object.
 */
export function parseSelector(labels: string, fields: string): Selector | undefined {
  const required = [
    ...parseRequirements(labels).map(
      ([label, value]): Selector =>
        (object) =>
          object.labels[label] === value,
    ),
    ...parseRequirements(fields).map(([field, value]) => fieldSelector(field, value)),
  ]
  if (required.length === 0) return undefined
  return (object) => required.every((matches) => matches(object))
}

/** Returns a function that reports whether a request for a collection includes an object. */
export function selects({ namespace }: Target, selector: Selector | undefined): Selector {
  return (object) =>
    (namespace === undefined || object.namespace === namespace) && (selector === undefined || selector(object))
}

function parseRequirements(text: string): [name: string, value: string][] {
  if (text === '') return []
  return text.split(',').map((requirement) => {
    const match = /^\s*([^\s=!(]+)\s*==?\s*([^\s=]*)\s*$/.exec(requirement)
    if (match === null)
      throw new ApiError('BadRequest', `unable to parse requirement: "${requirement}" is not key=value`)
    return [match[1] ?? '', match[2] ?? '']
  })
}

function fieldSelector(field: string, value: string): Selector {
  switch (field) {
    case 'metadata.name':
      return (object) => object.name === value
    case 'metadata.namespace':
      return (object) => object.namespace === value
    default:
      throw new ApiError('BadRequest', `field label not supported: ${field}`)
  }
}
