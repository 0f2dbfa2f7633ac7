import { addReason, noReasons } from '../../counts.ts'
import type { ServedStep } from '../observations.ts'
import { FederatedProbes, type FederatedProbesOptions } from './federatedProbes.ts'
import type { PodServers } from './podServers.ts'
import { probeOutcomes, type ProbeOutcome } from '../reasons.ts'
import type { Targets } from '../configured/targets.ts'

export interface ProbesOptions extends FederatedProbesOptions {
  readonly targets: Targets
  readonly servers: PodServers
}

/** Probes counts the probes of servers by what they came to, and passes them to the workload that they are about. */
export class Probes {
  readonly #targets: Targets
  readonly #servers: PodServers
  readonly federated: FederatedProbes
  readonly #counts = noReasons(probeOutcomes)

  constructor({ targets, servers, ...options }: ProbesOptions) {
    this.#targets = targets
    this.#servers = servers
    this.federated = new FederatedProbes(options)
  }

  take(step: ServedStep): void {
    if (step.kind === 'unserved') {
      const { target } = step
      if ('address' in target) this.#targets.end(target.address)
      else this.#servers.end(target.podUid, target.port)
      return
    }
    const { target, result } = step.served
    addReason(this.#counts, 'outcome' in result ? result.outcome : 'svid')
    if ('address' in target) {
      this.#targets.take(target.address, result)
      this.federated.take(result)
    } else this.#servers.take(target.podUid, target.port, result)
  }

  /** Returns how many probes came to each outcome since this process began; 0 where none did. */
  get counts(): ReadonlyMap<ProbeOutcome, number> {
    return this.#counts
  }
}
