import { instantOf, type Clock, type Instant } from '../../clock.ts'
import { renewalDueMs, type RenewalRule } from '../../identity/renewal.ts'
import type { Followers } from '../changes.ts'
import type { Survey } from '../view.ts'
import { noFacts, type SvidFacts } from './facts.ts'
import type { FileObservation } from './observations.ts'
import type { Slots } from './slots.ts'
import { hasExpired } from './compare.ts'
import { viewOf } from './survey.ts'
import { reread, unreadLabels, type FileSide, type SvidCopy } from './svid.ts'
import type { StateCounts } from './tally.ts'
import {
  workloadStates,
  type SvidLabels,
  type SvidView,
  type UnreadableView,
  type WorkloadCount,
  type WorkloadState,
  type WorkloadView,
} from './view.ts'

export interface FilesOptions {
  readonly clock: Clock
  readonly slots: Slots
  readonly followers: Followers
  /** Returns the renewal rule for the SVID in a file, by the file's path. */
  readonly ruleOf: (file: string) => RenewalRule
}

/** Files holds the configured certificate files. Each file is a workload. */
export class Files {
  readonly #options: FilesOptions
  readonly #files = new Map<string, FileSide>()

  constructor(options: FilesOptions) {
    this.#options = options
  }

  take({ path, reading, writtenMs }: FileObservation): void {
    const { clock, slots, followers } = this.#options
    const before = this.#files.get(path)
    const slot = before?.slot ?? slots.take()
    const side: FileSide = { slot, ...reread(before, reading, instantOf(clock), writtenMs) }
    this.#files.set(path, side)
    const { copy, problem } = side
    const isSame = before?.copy?.svid.fingerprint === copy?.svid.fingerprint && before?.problem === problem
    if (copy && !isSame)
      followers.notify('copy', { labels: labelsOf(path, copy), svid: copy.svid, ...(problem && { problem }) })
  }

  /** Returns the workloads with their copies. `seen` is when the files were last seen. */
  *workloads(seen: Instant | undefined): Iterable<WorkloadView> {
    for (const [file, side] of this.#files) {
      const copies = () => this.#copiesOf(file, side, seen)
      yield { namespace: '', pod: '', size: 1, copies, unread: () => unreadOf(file, side) }
    }
  }

  /** Adds the files to the results of a walk through other workloads. `seen` is when the files were last seen. */
  surveyedWith(others: Survey, seen: Instant | undefined, see: (copy: SvidView) => void): Survey {
    for (const file of this.workloads(seen)) file.copies().forEach(see)
    return {
      ...others,
      unreadable: [...others.unreadable, ...this.unreadable()],
      workloads: [...others.workloads, ...this.covered()],
    }
  }

  /** Yields the SVIDs of the files for their diagnoses. They are known until `knownMs`; undefined: the files were never seen. */
  *facts(knownMs: number | undefined): Iterable<SvidFacts> {
    const { ruleOf } = this.#options
    for (const [file, { copy, problem }] of this.#files) {
      const labels = copy ? labelsOf(file, copy) : { ...unreadLabels, file }
      const mounted = copy && {
        labels,
        svid: copy.svid,
        renewalDueMs: renewalDueMs(copy.svid, ruleOf(file), copy.obtainedMs),
        knownMs: copy.lostMs ?? knownMs ?? -Infinity,
      }
      yield { ...noFacts, key: file, labels, mounted, problem }
    }
  }

  *unreadable(): Iterable<UnreadableView> {
    for (const [file, { copy, problem }] of this.#files)
      if (problem) yield { labels: copy ? labelsOf(file, copy) : { ...unreadLabels, file }, reason: problem }
  }

  /** Returns how many files are in each state, with the namespace ''; nothing if no file was read yet. */
  *covered(): Iterable<WorkloadCount> {
    if (this.#files.size === 0) return
    const nowMs = this.#options.clock.now()
    const counts: StateCounts = { expired: 0, pending: 0, valid: 0, none: 0 }
    for (const { copy } of this.#files.values()) {
      if (copy) counts[hasExpired(copy.svid, nowMs) ? 'expired' : 'valid'] += 1
      else counts.pending += 1
    }
    for (const state of Object.keys(workloadStates) as WorkloadState[])
      yield { namespace: '', state, count: counts[state] }
  }

  #copiesOf(file: string, { slot, copy }: FileSide, seen: Instant | undefined): readonly SvidView[] {
    if (!copy) return []
    const { clock, ruleOf } = this.#options
    return [viewOf(copy, slot, labelsOf(file, copy), ruleOf(file), copy.obtainedMs, instantOf(clock), seen, true)]
  }
}

function unreadOf(file: string, { copy, problem }: FileSide): readonly UnreadableView[] {
  return copy || !problem ? [] : [{ labels: { ...unreadLabels, file }, reason: problem }]
}

function labelsOf(file: string, copy: SvidCopy): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= { ...unreadLabels, spiffe_id: spiffeId, trust_domain: trustDomain, file })
}
