import { roleNames, type Role } from '../role.ts'
import { problemLine } from './problemLines.ts'

/** Reports whether one process can have all these roles. A role may be listed only once. */
export function canCombine(roles: readonly Role[]): boolean {
  return new Set(roles).size === roles.length && (roles.length <= 1 || !roles.includes('standalone'))
}

/** Parses the roles of the command line, separated by commas: `cluster,node`. */
export function parseRoles(text: string): { readonly roles: readonly Role[] } | { readonly problem: string } {
  const names = text.split(',').map((name) => name.trim())
  const roles = names.flatMap((name) => roleNames.filter((role) => role === name))
  if (roles.length === names.length && canCombine(roles)) return { roles }
  return {
    problem: problemLine(
      `must be cluster, node, both separated by a comma, or standalone (got ${JSON.stringify(text)})`,
    ),
  }
}
