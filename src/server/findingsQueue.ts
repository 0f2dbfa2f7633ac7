import type { Clock } from '../clock.ts'
import type { Finding } from '../ledger/workloads/observations.ts'
import type { FindingsView } from '../ledger/view.ts'
import { heartbeatMs } from '../nodeStream/contract.ts'
import type { StreamLine } from '../nodeStream/lines.ts'

/**
 * The lines that are still to be sent to one follower, in the order of nodeStream/contract.ts. However slowly the follower reads,
 * the queue holds at most one line for each volume, the newest.
 */
export class FindingsQueue {
  readonly #view: FindingsView
  readonly #hasSeenFiles: () => boolean
  readonly #findings = new Map<string, Finding>()
  #stage: 'unseen' | 'listing' | 'listed' = 'unseen'
  #isSightDue = true
  #wakeUp = new AbortController()

  /**
   * `hasSeenFiles` reports whether the node role has seen the files of its node since its start. Before that, a volume without a
   * finding may be mounted all the same, so no snapshot can be sent.
   */
  constructor(view: FindingsView, hasSeenFiles: () => boolean) {
    this.#view = view
    this.#hasSeenFiles = hasSeenFiles
  }

  /** Queues a changed finding. */
  addFinding(finding: Finding): void {
    if (this.#stage === 'unseen') return
    this.#findings.set(keyOf(finding), finding)
    this.wake()
  }

  /** Queues whether the files of the node can be seen, after a change of that. */
  addSight(): void {
    this.#isSightDue = true
    this.wake()
  }

  /** Takes the next line from the queue. Returns undefined if nothing is to be sent at present. */
  next(): StreamLine | undefined {
    if (this.#stage === 'unseen') return this.#hasSeenFiles() ? this.#begin() : this.#sight()
    for (const [key, finding] of this.#findings) {
      this.#findings.delete(key)
      return lineOf(finding)
    }
    if (this.#stage === 'listed') return this.#sight()
    this.#stage = 'listed'
    return { type: 'synced' }
  }

  /** Waits for the next change or `wake` and returns undefined, or returns a heartbeat after heartbeatMs. */
  async waitForChange(clock: Clock): Promise<StreamLine | undefined> {
    this.#wakeUp = new AbortController()
    const { signal } = this.#wakeUp
    await clock.sleep(heartbeatMs, signal)
    return signal.aborted ? undefined : { type: 'heartbeat' }
  }

  /** Ends `waitForChange`. */
  wake(): void {
    this.#wakeUp.abort()
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
    const trouble = this.#view.filesTrouble()
    if (!this.#isSightDue || trouble === 'starting') return undefined
    this.#isSightDue = false
    if (trouble === undefined) return { type: 'sighted' }
    return { type: 'blind', reason: trouble.reason, detail: trouble.detail }
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
