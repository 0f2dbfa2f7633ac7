import type { Instant } from '../../../clock.ts'
import type { Survey } from '../../view.ts'
import type { SvidFacts } from '../compared/facts.ts'
import { Files, type FilesOptions } from './files.ts'
import { noProbeStates } from '../served/probeStates.ts'
import type { StateCounts } from '../survey/tally.ts'
import { Targets } from './targets.ts'
import type { ProbeState, SvidView, WorkloadState, WorkloadView } from '../view.ts'

/** Configured holds the workloads that the settings name: certificate files, and servers that are probed by their address. */
export class Configured {
  readonly files: Files
  readonly targets: Targets

  constructor(options: FilesOptions) {
    this.files = new Files(options)
    this.targets = new Targets(options)
  }

  /** Returns the workloads with their copies. `filesSeen` is when the files were last seen. */
  *workloads(filesSeen: Instant | undefined): Iterable<WorkloadView> {
    yield* this.files.workloads(filesSeen)
    yield* this.targets.workloads()
  }

  /**
   * Yields the SVIDs for their diagnoses. Files are known until `filesKnownMs`, and were last seen at `filesSeen`; undefined: they were
   * never seen.
   */
  *facts(filesKnownMs: number | undefined, filesSeen: Instant | undefined): Iterable<SvidFacts> {
    yield* this.files.facts(filesKnownMs, filesSeen)
    yield* this.targets.facts()
  }

  /** Adds the workloads to the results of a walk through the pods. `filesSeen` is when the files were last seen. */
  surveyedWith(pods: Survey, filesSeen: Instant | undefined, see: (copy: SvidView) => void): Survey {
    for (const workload of this.workloads(filesSeen)) workload.copies().forEach(see)
    return {
      ...pods,
      unreadable: [...pods.unreadable, ...this.files.unreadable()],
      refused: [...pods.refused, ...this.files.refused(filesSeen), ...this.targets.refused()],
      fileBundles: [...this.files.bundles()],
      ...this.#counted(pods),
    }
  }

  /** Adds the numbers of the configured workloads, which have the namespace ''. */
  #counted({ workloads, probes }: Survey): Pick<Survey, 'workloads' | 'probes'> {
    const states: StateCounts = { expired: 0, pending: 0, valid: 0, none: 0 }
    const areFiles = this.files.count(states)
    const areTargets = this.targets.count(states)
    const found = noProbeStates()
    this.targets.countProbes(found)
    const place = { namespace: '' }
    return {
      workloads:
        areFiles || areTargets ? [...workloads, ...countsOf(states).map((one) => ({ ...place, ...one }))] : workloads,
      probes: areTargets ? [...probes, ...countsOf(found).map((one) => ({ ...place, ...one }))] : probes,
    }
  }
}

function countsOf<State extends WorkloadState | ProbeState>(
  counts: Readonly<Record<State, number>>,
): readonly { readonly state: State; readonly count: number }[] {
  return (Object.keys(counts) as State[]).map((state) => ({ state, count: counts[state] }))
}
