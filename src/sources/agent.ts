/** An agent that brings SVIDs to the pods of its node, as the settings describe it. */
export interface Agent {
  /** The name that the ledger knows it by. */
  readonly name: string
  /** The CSI driver that it registers with the kubelet. */
  readonly driver: string
  /** Its pods carry all of these. */
  readonly podLabels: Readonly<Record<string, string>>
  /** Where its pods are; undefined: anywhere. */
  readonly namespace?: string | undefined
}

/** What most lists of names are; one object for them all, because there is one for each pod. */
const none: readonly string[] = []

/** The names of the agents that register one of these CSI drivers, each once. */
export function agentsOfDrivers(agents: readonly Agent[], drivers: readonly string[]): readonly string[] {
  const names = agents.filter(({ driver }) => drivers.includes(driver)).map(({ name }) => name)
  return names.length === 0 ? none : names
}
