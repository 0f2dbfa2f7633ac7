import { ApiError } from './status.ts'

/** How the objects of a list are represented: whole, or by their metadata alone. */
export type Representation = 'object' | 'metadata'

/** Another type that the objects are to be turned into: its kind, group and version. */
interface Parameters {
  readonly as?: string
  readonly g?: string
  readonly v?: string
}

/**
 * Returns the first representation in an Accept header that a list can have (Kubernetes API concepts, "Alternate representations of
 * resources"). Throws ApiError if there is none.
 */
export function listRepresentation(accept = '*/*'): Representation {
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const { as, g, v } = Object.fromEntries(parameters.map((parameter) => parameter.split('='))) as Parameters
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue
    if (as === undefined) return 'object'
    if (g !== 'meta.k8s.io' || v !== 'v1') continue
    if (as === 'PartialObjectMetadataList') return 'metadata'
    if (as === 'PartialObjectMetadata') {
      throw new ApiError('NotAcceptable', `you requested ${as}, but the requested object is a list`)
    }
  }
  throw new ApiError('NotAcceptable', 'only the following media types are accepted: application/json')
}
