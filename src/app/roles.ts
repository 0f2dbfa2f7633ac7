import type { Config } from '../config/config.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Role } from '../role.ts'
import type { Source } from '../sources/source.ts'
import { sourceEntries, type SourceContext } from './sourceEntries.ts'

/**
 * Returns the sources of a process: those of its roles, without sources that are switched off, without those for which the settings
 * name nothing to watch, and without those that need rights in the whole cluster if the settings name the namespaces to watch.
 */
export function sourcesOf(roles: readonly Role[], config: Config): readonly SourceName[] {
  const { namespaces, sources } = config.kubernetes
  const switches: Readonly<Partial<Record<SourceName, boolean>>> = sources
  return sourcesIn(roles).filter((name) => {
    const { isConfigured, needsCluster } = sourceEntries[name]
    if (switches[name] === false || (needsCluster && namespaces !== undefined)) return false
    return isConfigured?.(config, roles) ?? true
  })
}

/** Returns the sources of these roles that run only if the settings name something for them. Their sections have the same names. */
export function configurable(roles: readonly Role[]): readonly SourceName[] {
  return sourcesIn(roles).filter((name) => sourceEntries[name].isConfigured !== undefined)
}

/** Loads a source and creates it. */
export const createSource = (name: SourceName, context: SourceContext): Promise<Source> =>
  sourceEntries[name].create(context)

function sourcesIn(roles: readonly Role[]): readonly SourceName[] {
  const names = Object.keys(sourceEntries) as SourceName[]
  return names.filter((name) => sourceEntries[name].roles.some((role) => roles.includes(role)))
}

/** Reports whether a process exports per-SVID series. A pure node role does not: the cluster role knows the pods' names. */
export const exportsSvids = (roles: readonly Role[]): boolean => roles.some((role) => role !== 'node')
