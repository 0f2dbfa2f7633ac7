import { instantOf, type Clock } from '../../../clock.ts'
import { renewalDueMs, renewalRules } from '../../../identity/renewal.ts'
import type { Followers } from '../../changes.ts'
import { hasExpired } from '../compared/compare.ts'
import { noFacts, type SvidFacts } from '../compared/facts.ts'
import type { CopyFacts } from '../compared/copyFacts.ts'
import { refusedCopy } from '../refused/refusedFacts.ts'
import type { ServedObservation } from '../observations.ts'
import { probeStateOf } from '../served/probeStates.ts'
import { refusedOf } from '../refused/refused.ts'
import { probed, type PortProbe, type ServedSide } from '../served/servedSide.ts'
import type { Slots } from '../slots.ts'
import { viewOf } from '../survey/survey.ts'
import { unreadLabels } from '../copyLabels.ts'
import type { SvidCopy } from '../svidCopy.ts'
import type { StateCounts } from '../survey/tally.ts'
import type { ProbeState, RefusedView, SvidLabels, SvidView, WorkloadView } from '../view.ts'

export interface TargetsOptions {
  readonly clock: Clock
  readonly slots: Slots
  readonly followers: Followers
}

/** Who renews what a target presents is not known. */
const rule = renewalRules.other

/** Targets holds what configured servers present, by their address. Each target is a workload. */
export class Targets {
  readonly #options: TargetsOptions
  readonly #targets = new Map<string, PortProbe>()

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  take(address: string, result: ServedObservation['result']): void {
    const { clock, slots } = this.#options
    const before = this.#targets.get(address)?.served
    const served = probed(before, 0, result, instantOf(clock), slots)
    const { outcome, detail } = 'outcome' in result ? result : { outcome: 'svid' as const, detail: '' }
    this.#targets.set(address, { port: 0, outcome, detail, served })
    this.#notify(address, before, served)
  }

  /** The target is probed no longer. */
  end(address: string): void {
    const served = this.#targets.get(address)?.served
    this.#targets.delete(address)
    if (served) this.#options.slots.free(served.slot)
    this.#notify(address, served, undefined)
  }

  /** Returns the workloads with their copies. */
  *workloads(): Iterable<WorkloadView> {
    for (const [address, { served }] of this.#targets) {
      const copies = () => (served ? [this.#viewOf(address, served)] : [])
      yield { namespace: '', pod: '', size: served ? 1 : 0, copies, unread: () => [] }
    }
  }

  /** Yields the SVIDs that the targets present for their diagnoses. */
  *facts(): Iterable<SvidFacts> {
    const nowMs = this.#options.clock.now()
    for (const [address, { served }] of this.#targets) {
      if (served === undefined) continue
      const { copy, seen } = served
      const facts: CopyFacts = {
        labels: labelsOf(address, copy),
        svid: copy.svid,
        renewalDueMs: renewalDueMs(copy.svid, rule),
        knownMs: copy.lostMs ?? seen.wallMs,
      }
      const refused = refusedCopy(facts, served, seen, nowMs)
      yield {
        ...noFacts,
        key: address,
        labels: facts.labels,
        mounted: undefined,
        problem: undefined,
        served: facts,
        refused,
      }
    }
  }

  *refused(): Iterable<RefusedView> {
    const nowMs = this.#options.clock.now()
    for (const [address, { served }] of this.#targets) {
      const why = served && refusedOf(served.copy.svid, served, served.seen, nowMs)
      if (served && why) yield { labels: labelsOf(address, served.copy), reason: why.reason }
    }
  }

  /** Adds the targets to the numbers of workloads in each state. Reports whether there are any. */
  count(states: StateCounts): boolean {
    const nowMs = this.#options.clock.now()
    for (const { served } of this.#targets.values()) {
      if (served) states[hasExpired(served.copy.svid, nowMs) ? 'expired' : 'valid'] += 1
      else states.pending += 1
    }
    return this.#targets.size > 0
  }

  /** Adds the targets to the numbers of workloads by what their probes found. */
  countProbes(states: Record<ProbeState, number>): void {
    for (const probe of this.#targets.values()) states[probeStateOf([probe], () => true)] += 1
  }

  #viewOf(address: string, { copy, slot, seen }: ServedSide): SvidView {
    const now = instantOf(this.#options.clock)
    return viewOf(copy, slot, labelsOf(address, copy), rule, copy.obtainedMs, now, seen, true)
  }

  #notify(address: string, before: ServedSide | undefined, after: ServedSide | undefined): void {
    const { followers } = this.#options
    const side = after ?? before
    if (side === undefined || before?.copy.svid.fingerprint === after?.copy.svid.fingerprint) return
    followers.notify('copy', { labels: labelsOf(address, side.copy), ...(after && { svid: after.copy.svid }) })
  }
}

/** A target has its address where a configured file has its path. */
function labelsOf(address: string, copy: SvidCopy): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  const rest = { spiffe_id: spiffeId, trust_domain: trustDomain, file: address, copy: 'served' } as const
  return (copy.labels ??= { ...unreadLabels, ...rest })
}
