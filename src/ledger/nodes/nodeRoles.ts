import type { Clock, Instant } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import type { TroubleReason } from '../sight/reasons.ts'
import { Sights } from '../sight/sight.ts'
import type { Findings } from '../workloads/mounted/findings.ts'
import type { NodeStep } from './observations.ts'
import type { NodeRoleView } from './view.ts'

/** NodeRoles holds the node roles, whether each can be seen, and its findings. */
export class NodeRoles {
  readonly #isGone: (node: string) => boolean
  readonly #findings: Findings
  readonly #sights: Sights<TroubleReason>
  /** The nodes for which no node role offers findings any more. */
  readonly #withoutEndpoint = new Set<string>()

  /** `isGone` reports whether a node is known not to exist. */
  constructor(clock: Clock, isGone: (node: string) => boolean, findings: Findings, followers: Followers) {
    this.#isGone = isGone
    this.#findings = findings
    this.#sights = new Sights('node', clock, followers)
  }

  take(step: NodeStep): void {
    const { node } = step
    this.#sights.add(node)
    this.#withoutEndpoint.delete(node)
    switch (step.kind) {
      case 'findingsListing':
        return this.#findings.beginListing(node)
      case 'findingsListed':
        return this.#findings.endListing(node)
      case 'nodeContact':
        return this.#sights.contact(node)
      case 'nodeTrouble':
        return this.#sights.lose(node, step.reason, step.detail)
      case 'nodeEndpointGone':
        this.#withoutEndpoint.add(node)
        this.#sights.lose(node, 'no_endpoint', `no node role offers findings for ${node} any more`)
        return this.forgetGone()
    }
  }

  /** Forgets the node roles that have neither an endpoint nor a node. */
  forgetGone(): void {
    for (const node of this.#withoutEndpoint)
      if (this.#isGone(node)) {
        this.#withoutEndpoint.delete(node)
        this.#sights.delete(node)
        this.#findings.forget(node)
      }
  }

  /** Returns when a node role last saw its files; undefined: never. */
  lastContact(node: string): Instant | undefined {
    return this.#sights.lastContact(node)
  }

  /** Returns until when the files of a node are known, ms since the Unix epoch: until the last evidence. */
  knownUntilMs(node: string): number | undefined {
    return this.#sights.knownUntilMs(node)
  }

  hasSeen(node: string): boolean {
    return this.#sights.lastContact(node) !== undefined
  }

  isUp(node: string): boolean {
    return this.#sights.isUp(node)
  }

  *all(): Iterable<NodeRoleView> {
    for (const node of this.#sights.names()) yield { node, ...this.#sights.view(node), ...this.#findings.counts(node) }
  }
}
