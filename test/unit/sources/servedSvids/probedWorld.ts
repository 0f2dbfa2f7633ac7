import { onTestFinished, vi } from 'vitest'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { ProbedPod } from '../../../../src/sources/servedSvids/probedPod.ts'
import { ProbedPods } from '../../../../src/sources/servedSvids/probedPods.ts'
import { createServedSvids, type ServedSvidsOptions } from '../../../../src/sources/servedSvids/servedSvids.ts'
import { realFiles } from '../../../support/realFiles.ts'
import { SkippingClock } from '../../../support/skippingClock.ts'

type Kind = Observation['kind']
type OfKind<K extends Kind> = Extract<Observation, { kind: K }>

/** A running source of served SVIDs, with the pods that it probes and its observations. Sockets are real, time is not. */
export class ProbedWorld {
  readonly clock = new SkippingClock()
  readonly pods = new ProbedPods()
  readonly observations: Observation[] = []

  constructor(options: Partial<ServedSvidsOptions> = {}) {
    const source = createServedSvids({
      ...{ clock: this.clock, files: realFiles, pods: this.pods, targets: [], intervalMs: 60_000, timeoutMs: 5_000 },
      authoritiesOf: () => undefined,
      ...options,
    })
    source.start((observation) => this.observations.push(observation), new AbortController().signal)
    onTestFinished(() => source.close())
  }

  /** A pod was added or changed. The address may be that of this machine, which no pod is allowed to have. */
  pod(uid: string, probed: Partial<ProbedPod>): void {
    this.pods.seen(uid, { where: `team-a/${uid}`, address: '127.0.0.1', hostNetwork: false, ports: [], ...probed })
  }

  all<K extends Kind>(kind: K): OfKind<K>[] {
    return this.observations.filter((observation): observation is OfKind<K> => observation.kind === kind)
  }

  /** Lets time pass until there are `count` observations of a kind, and returns them. */
  async until<K extends Kind>(kind: K, count = 1): Promise<readonly OfKind<K>[]> {
    return vi.waitFor(
      () => {
        const found = this.all(kind)
        if (found.length >= count) return found
        this.clock.skip(500)
        throw new Error(`${found.length} observations of the kind ${kind} so far`)
      },
      { timeout: 10_000, interval: 5 },
    )
  }
}
