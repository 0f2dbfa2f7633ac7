import type { Clock } from '../clock.ts'
import type { Finding } from '../ledger/workloads/observations.ts'
import type { FindingsView } from '../ledger/view.ts'
import { heartbeatMs } from '../nodeStream/contract.ts'
import type { StreamLine } from '../nodeStream/lines.ts'

/**
 * What one follower is still to hear, in the order of nodeStream/contract.ts. However slowly it is taken, it holds one line for
 * each volume at most: the newest.
 */
export class FindingsQueue {
  readonly #view: FindingsView
  readonly #hasSeen: () => boolean
  readonly #findings = new Map<string, Finding>()
  #stage: 'unseen' | 'listing' | 'listed' = 'unseen'
  #sightDue = true
  #bell = new AbortController()

  /** `hasSeen` says whether the files of the node were ever seen, so that what is not found is not there. */
  constructor(view: FindingsView, hasSeen: () => boolean) {
    this.#view = view
    this.#hasSeen = hasSeen
  }

  /** Notes that a finding has changed. */
  note(finding: Finding): void {
    if (this.#stage === 'unseen') return
    this.#findings.set(keyOf(finding), finding)
    this.ring()
  }

  /** Notes that the files of the node can be seen again, or no more. */
  noteSight(): void {
    this.#sightDue = true
    this.ring()
  }

  /** Takes the next line; undefined: there is nothing to say at present. */
  next(): StreamLine | undefined {
    if (this.#stage === 'unseen') return this.#hasSeen() ? this.#begin() : this.#sight()
    for (const [key, finding] of this.#findings) {
      this.#findings.delete(key)
      return lineOf(finding)
    }
    if (this.#stage === 'listed') return this.#sight()
    this.#stage = 'listed'
    return { type: 'synced' }
  }

  /** Ends at the next change or `ring`, with undefined; after heartbeatMs with a heartbeat. */
  async silence(clock: Clock): Promise<StreamLine | undefined> {
    this.#bell = new AbortController()
    const { signal } = this.#bell
    await clock.sleep(heartbeatMs, signal)
    return signal.aborted ? undefined : { type: 'heartbeat' }
  }

  ring(): void {
    this.#bell.abort()
  }

  #begin(): StreamLine {
    for (const mounted of this.#view.findings()) {
      const finding = { kind: 'mounted', mounted } as const
      this.#findings.set(keyOf(finding), finding)
    }
    this.#stage = 'listing'
    return { type: 'snapshot' }
  }

  #sight(): StreamLine | undefined {
    const blindness = this.#view.blindness()
    if (!this.#sightDue || blindness === 'starting') return undefined
    this.#sightDue = false
    if (blindness === undefined) return { type: 'sighted' }
    return { type: 'blind', reason: blindness.reason, detail: blindness.detail }
  }
}

function keyOf(finding: Finding): string {
  const { podUid, volume } = finding.kind === 'mounted' ? finding.mounted : finding
  return `${podUid}/${volume}`
}

function lineOf(finding: Finding): StreamLine {
  if (finding.kind === 'mounted') return { type: 'mounted', mounted: finding.mounted }
  return { type: 'unmounted', podUid: finding.podUid, volume: finding.volume }
}
