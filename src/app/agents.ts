import type { Config } from '../config/config.ts'

/**
 * Returns the agents whose pods are watched. If only some namespaces are watched, these are the agents that the settings place in
 * one of them: whether another agent is up cannot be known.
 */
export function knownAgentsOf({ agents, kubernetes: { namespaces } }: Config): Config['agents'] {
  if (namespaces === undefined) return agents
  return agents.filter(({ namespace }) => namespace !== undefined && namespaces.includes(namespace))
}

/** Returns the names of the agents whose volumes hold SVIDs. */
export const svidAgentsOf = ({ agents, drivers }: Config): readonly string[] =>
  agents.filter(({ driver }) => drivers.some(({ name }) => name === driver)).map(({ name }) => name)

/** Returns the name of the agent whose volumes hold SVIDs; undefined if there are several. */
export function onlyAgentOf(config: Config): string | undefined {
  const [agent, ...others] = svidAgentsOf(config)
  return others.length === 0 ? agent : undefined
}
