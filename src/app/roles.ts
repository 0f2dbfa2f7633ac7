import type { Config } from '../config/config.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Role } from '../role.ts'
import type { Source } from '../sources/source.ts'
import { sourceEntries, type SourceContext } from './sourceEntries.ts'

/** The sources of a process: a role is a set of sources, some of them only where the settings name something to watch. */
export function sourcesOf(roles: readonly Role[], config: Config): readonly SourceName[] {
  const names = Object.keys(sourceEntries) as SourceName[]
  return names.filter((name) => {
    const { roles: watchers, isConfigured = () => true } = sourceEntries[name]
    return watchers.some((role) => roles.includes(role)) && isConfigured(config)
  })
}

/** Makes a source, of which nothing is loaded before. */
export const createSource = (name: SourceName, context: SourceContext): Promise<Source> =>
  sourceEntries[name].create(context)

/** The pure node role leaves the series of single SVIDs to the cluster role, which knows the pods' names. */
export const exportsSvids = (roles: readonly Role[]): boolean => roles.some((role) => role !== 'node')

/** The agents whose volumes hold SVIDs, by name. */
export const svidAgentsOf = ({ agents, drivers }: Config): readonly string[] =>
  agents.filter(({ driver }) => drivers.some(({ name }) => name === driver)).map(({ name }) => name)
