/** An agent that brings SVIDs to the pods of its node, as the settings describe it. */
export interface Agent {
  /** Identifies the agent in the ledger. */
  readonly name: string
  /** The CSI driver that the agent registers with the kubelet. */
  readonly driver: string
  /** The labels that all pods of the agent have. */
  readonly podLabels: Readonly<Record<string, string>>
  /** The namespace of those pods; undefined if they may be in any. */
  readonly namespace?: string | undefined
}

/** Most pods need no agent. They share this list. */
const noNames: readonly string[] = []

/** Returns the names of the agents that register one of `drivers`, each name once. */
export function agentsOfDrivers(agents: readonly Agent[], drivers: readonly string[]): readonly string[] {
  const names = agents.filter(({ driver }) => drivers.includes(driver)).map(({ name }) => name)
  return names.length === 0 ? noNames : names
}
