import { instantOf, type Clock, type Instant } from '../../../clock.ts'
import { renewalDueMs, type RenewalRule } from '../../../identity/renewal.ts'
import type { TrustBundle } from '../../../identity/trustBundle.ts'
import type { Followers } from '../../changes.ts'
import type { SharedBundles } from '../../trust/sharedBundles.ts'
import { noFacts, type SvidFacts } from '../compared/facts.ts'
import { refusedCopy } from '../refused/refusedFacts.ts'
import type { FileObservation } from '../observations.ts'
import type { ReadProblem } from '../reasons.ts'
import { peersAfter, peersOf, refusedOf, type PeersView } from '../refused/refused.ts'
import type { Slots } from '../slots.ts'
import { hasExpired } from '../compared/compare.ts'
import { viewOf } from '../survey/survey.ts'
import { unreadLabels } from '../copyLabels.ts'
import { reread, type FileSide, type SvidCopy } from '../svidCopy.ts'
import type { StateCounts } from '../survey/tally.ts'
import type { FileBundleView, RefusedView, SvidLabels, SvidView, UnreadableView, WorkloadView } from '../view.ts'

export interface FilesOptions {
  readonly clock: Clock
  readonly slots: Slots
  readonly shared: SharedBundles
  readonly followers: Followers
  /** Returns the renewal rule for the SVID in a file, by the file's path. */
  readonly ruleOf: (file: string) => RenewalRule
}

/** What is known of a configured file, and of the trust bundle that is configured with it. */
interface FileState extends FileSide, PeersView {
  /** The bundle that was read last; undefined if none was. Equal ones are one object. */
  readonly bundle: TrustBundle | undefined
  /** Why the bundle cannot be read; undefined if it can, or if none is configured. */
  readonly bundleProblem: ReadProblem | undefined
  readonly hasBundle: boolean
}

/** Files holds the configured certificate files. Each file is a workload. */
export class Files {
  readonly #options: FilesOptions
  readonly #files = new Map<string, FileState>()

  constructor(options: FilesOptions) {
    this.#options = options
  }

  take({ path, reading, writtenMs, bundle, verdict }: FileObservation): void {
    const { clock, slots, followers } = this.#options
    const before = this.#files.get(path)
    const slot = before?.slot ?? slots.take()
    const now = instantOf(clock)
    const file = reread(before, reading, now, writtenMs)
    const peers = 'svid' in reading ? peersAfter(before, verdict, now, writtenMs) : peersOf(before)
    this.#files.set(path, { slot, ...file, ...peers, ...this.#bundleAfter(before, bundle) })
    const { copy, problem } = file
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

  /**
   * Yields the SVIDs of the files for their diagnoses. They are known until `knownMs`, and were last seen at `seen`; undefined: the
   * files were never seen.
   */
  *facts(knownMs: number | undefined, seen: Instant | undefined): Iterable<SvidFacts> {
    const { ruleOf, clock } = this.#options
    const nowMs = clock.now()
    for (const [file, side] of this.#files) {
      const { copy, problem, bundle } = side
      const labels = copy ? labelsOf(file, copy) : { ...unreadLabels, file }
      const mounted = copy && {
        labels,
        svid: copy.svid,
        renewalDueMs: renewalDueMs(copy.svid, ruleOf(file), copy.obtainedMs),
        knownMs: copy.lostMs ?? knownMs ?? -Infinity,
      }
      const refused = refusedCopy(mounted, side, seen, nowMs)
      yield { ...noFacts, key: file, labels, mounted, problem, refused, bundle, bundleKnownMs: knownMs ?? -Infinity }
    }
  }

  *unreadable(): Iterable<UnreadableView> {
    for (const [file, { copy, problem }] of this.#files)
      if (problem) yield { labels: copy ? labelsOf(file, copy) : { ...unreadLabels, file }, reason: problem }
  }

  /** Yields the copies that peers refuse. `seen` is when the files were last seen. */
  *refused(seen: Instant | undefined): Iterable<RefusedView> {
    const nowMs = this.#options.clock.now()
    for (const [file, side] of this.#files) {
      const why = side.copy && refusedOf(side.copy.svid, side, seen, nowMs)
      if (side.copy && why) yield { labels: labelsOf(file, side.copy), reason: why.reason }
    }
  }

  /** Yields the trust bundles that are configured with the files. */
  *bundles(): Iterable<FileBundleView> {
    for (const [file, { hasBundle, bundle, bundleProblem }] of this.#files)
      if (hasBundle)
        yield { file, notAfterMs: bundle?.newestNotAfterMs, ...(bundleProblem && { problem: bundleProblem }) }
  }

  /** Adds the files to the numbers of workloads in each state. Reports whether there are any. */
  count(states: StateCounts): boolean {
    const nowMs = this.#options.clock.now()
    for (const { copy } of this.#files.values()) {
      if (copy) states[hasExpired(copy.svid, nowMs) ? 'expired' : 'valid'] += 1
      else states.pending += 1
    }
    return this.#files.size > 0
  }

  /** A bundle that cannot be read leaves what was read last. */
  #bundleAfter(
    before: FileState | undefined,
    read: FileObservation['bundle'],
  ): Pick<FileState, 'bundle' | 'bundleProblem' | 'hasBundle'> {
    if (read && 'problem' in read) return { hasBundle: true, bundle: before?.bundle, bundleProblem: read.problem }
    const bundle = this.#options.shared.replace(before?.bundle, read)
    return { hasBundle: read !== undefined, bundle, bundleProblem: undefined }
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
