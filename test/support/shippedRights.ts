import type { Right } from '../../src/world/apiServer/rights.ts'
import { shippedObjects, type ShippedFile } from './shippedObjects.ts'

/** Returns the rules of all Roles and ClusterRoles in a file of deploy/, as if each were bound to svidwatch. */
export function shippedRights(file: ShippedFile): readonly Right[] {
  return shippedObjects(file).flatMap(({ kind, metadata, rules = [] }) =>
    rules.map((rule) => ({ ...rule, ...(kind === 'Role' && { namespace: metadata.namespace }) })),
  )
}
