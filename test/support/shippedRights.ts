import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { Right } from '../../src/world/apiServer/rights.ts'

interface Role {
  readonly kind: string
  readonly metadata: { readonly namespace?: string }
  readonly rules?: readonly Right[]
}

/** Returns the rules of all Roles and ClusterRoles in a file of deploy/, as if each were bound to svidwatch. */
export function shippedRights(file: string): readonly Right[] {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8')
  return parseAllDocuments(text).flatMap((document) => {
    const { kind, metadata, rules = [] } = document.toJS() as Role
    return rules.map((rule) => ({ ...rule, ...(kind === 'Role' && { namespace: metadata.namespace }) }))
  })
}
