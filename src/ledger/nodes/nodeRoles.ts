import type { Clock } from '../../clock.ts'
import type { NamedObjects } from '../workloads/objects.ts'
import type { Findings } from '../workloads/findings.ts'
import type { NodeObservation, NodeStep } from './observations.ts'
import { shown, Sight } from '../sight/sight.ts'
import type { NodeRoleView } from './view.ts'

interface NodeRole {
  readonly sight: Sight
  hasEndpoint: boolean
}

/** The node roles that are followed: whether each is heard, and what it found. */
export class NodeRoles {
  readonly #clock: Clock
  readonly #nodes: NamedObjects<NodeObservation>
  readonly #findings: Findings
  readonly #roles = new Map<string, NodeRole>()

  constructor(clock: Clock, nodes: NamedObjects<NodeObservation>, findings: Findings) {
    this.#clock = clock
    this.#nodes = nodes
    this.#findings = findings
  }

  take(step: NodeStep): void {
    const { node } = step
    const role = this.#role(node)
    role.hasEndpoint = step.kind !== 'nodeEndpointGone'
    switch (step.kind) {
      case 'findingsListing':
        return this.#findings.beginListing(node)
      case 'findingsListed':
        return this.#findings.endListing(node)
      case 'nodeContact':
        return role.sight.contact()
      case 'nodeTrouble':
        return role.sight.lose(step.reason, step.detail)
      case 'nodeEndpointGone':
        role.sight.lose('no_endpoint', `nobody offers findings for ${node} any more`)
        return this.forgetGone()
    }
  }

  /** Forgets node roles that nobody offers any more and whose node is not there. */
  forgetGone(): void {
    for (const [node, { hasEndpoint }] of this.#roles)
      if (!hasEndpoint && this.#nodes.lacks(node)) {
        this.#roles.delete(node)
        this.#findings.forget(node)
      }
  }

  /** When it was last heard and saw its files; undefined: never. */
  lastContactMs(node: string): number | undefined {
    return this.#roles.get(node)?.sight.lastContactMs
  }

  /** Those that have ever been heard and seen their files. */
  *seen(): Iterable<string> {
    for (const [node, { sight }] of this.#roles) if (sight.lastContactMs !== undefined) yield node
  }

  isUp(node: string): boolean {
    return this.#roles.get(node)?.sight.up ?? false
  }

  *all(): Iterable<NodeRoleView> {
    for (const [node, { sight }] of this.#roles) yield { node, ...shown(sight), ...this.#findings.counts(node) }
  }

  #role(node: string): NodeRole {
    const role = this.#roles.get(node) ?? { sight: new Sight(this.#clock), hasEndpoint: true }
    this.#roles.set(node, role)
    return role
  }
}
