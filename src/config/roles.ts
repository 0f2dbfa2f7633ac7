import { roleNames, type Role } from '../role.ts'
import { problemLine } from './problemLines.ts'

/** Whether one process can have all these roles at once; each may be named once. */
export function fitTogether(roles: readonly Role[]): boolean {
  return new Set(roles).size === roles.length && (roles.length <= 1 || !roles.includes('standalone'))
}

/** Reads roles as the command line names them, separated by commas: `cluster,node`. */
export function parseRoles(text: string): { readonly roles: readonly Role[] } | { readonly problem: string } {
  const names = text.split(',').map((name) => name.trim())
  const roles = names.flatMap((name) => roleNames.filter((role) => role === name))
  if (roles.length === names.length && fitTogether(roles)) return { roles }
  return {
    problem: problemLine(
      `must be cluster, node, both of them with a comma between, or standalone (got ${JSON.stringify(text)})`,
    ),
  }
}
