import type { Clock } from '../../clock.ts'
import type { FileObservation } from './observations.ts'
import type { SvidLabels, SvidView, UnreadableView } from './view.ts'
import { reread, unreadLabels, viewOf, type FileSide, type SvidCopy } from './workload.ts'

/** The certificate files that the configuration names: each is a workload of its own. */
export class Files {
  readonly #clock: Clock
  readonly #files = new Map<string, FileSide>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take({ path, reading }: FileObservation): void {
    this.#files.set(path, reread(this.#files.get(path), reading, this.#clock.now()))
  }

  *svids(contactMs: number | undefined): Iterable<SvidView> {
    for (const [file, { copy }] of this.#files)
      if (copy) yield viewOf(copy, labelsOf(file, copy), this.#clock.now(), contactMs, true)
  }

  *unreadable(): Iterable<UnreadableView> {
    for (const [file, { copy, problem }] of this.#files)
      if (problem) yield { labels: copy ? labelsOf(file, copy) : { ...unreadLabels, file }, reason: problem }
  }
}

function labelsOf(file: string, copy: SvidCopy): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= { ...unreadLabels, spiffe_id: spiffeId, trust_domain: trustDomain, file })
}
