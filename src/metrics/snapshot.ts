import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { svidLabelNames, type DriftView, type UnreadableView } from '../ledger/workloads/view.ts'
import type { LedgerView, Survey } from '../ledger/view.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import { driftLabelNames } from './catalogue/svids.ts'
import type { Samples } from './exposition.ts'
import { guard, seriesPerFamily, type Guarded } from './guard.ts'
import { closedLabelText } from './labelText.ts'
import { ProblemLabels, type ProblemSeries } from './problemSeries.ts'
import { SeriesNames } from './seriesNames.ts'
import { SvidCounts, type CountedSvids } from './svidCounts.ts'
import { SvidSeries } from './svidSeries.ts'

/** The result of one walk through the workloads: the per-SVID series, the counts of all copies, and the agents and workloads. */
export interface Surveyed extends Pick<Survey, 'agents' | 'workloads'> {
  readonly series: SvidSeries
  readonly counted: CountedSvids
  readonly unreadable: Guarded
  readonly drifts: Guarded
}

/** The input of all collectors in one scrape, as of one moment. Values that several families need are computed once. */
export interface Snapshot {
  readonly nowMs: number
  readonly ledger: LedgerView
  surveyed(): Surveyed
  readonly problems: ProblemSeries
  nodeRoles(): readonly NodeRoleView[]
}

/** Writes the samples of one family. If it throws, only this family is left out of the scrape. */
export type Collector = (samples: Samples, snapshot: Snapshot) => void

/** A collector for each family that a part of the catalogue declares. */
export type Collectors<Part> = { readonly [Name in keyof Part]: Collector }

export interface SnapshotOptions {
  readonly ledger: LedgerView
  readonly diagnoses: DiagnosesView
  readonly clock: Clock
  /** The most per-identity series of all families together, and the most problems beside them. */
  readonly maxSeries: number
}

/**
 * Returns a function that takes snapshots of a ledger. The walk through the workloads is done in slices, so that it does not block
 * the event loop, and calls during a walk share its snapshot. The labels of an SVID are rendered once and kept between scrapes.
 */
export function createSnapshots({ ledger, diagnoses, clock, maxSeries }: SnapshotOptions): () => Promise<Snapshot> {
  const limit = seriesPerFamily(maxSeries)
  const names = new SeriesNames()
  const problemLabels = new ProblemLabels()
  const survey = async (nowMs: number): Promise<Surveyed> => {
    names.begin()
    const series = new SvidSeries(limit, names)
    const counts = new SvidCounts()
    const walk = ledger.survey((copy) => {
      series.add(copy)
      counts.add(copy, nowMs)
    })
    const { unreadable, drifts, agents, workloads } = await inSlices(clock, walk)
    return {
      series,
      counted: counts.counted(),
      unreadable: guard(unreadable, limit, unreadableText),
      drifts: guard(drifts, limit, driftText),
      agents,
      workloads,
    }
  }
  const take = async (): Promise<Snapshot> => {
    const nowMs = clock.now()
    // An error is thrown by the collectors that need the survey, so that other families are not affected.
    const surveyed = await survey(nowMs).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    const problems = await inSlices(clock, problemLabels.series(diagnoses, maxSeries))
    return { nowMs, ledger, surveyed, problems, nodeRoles: once(() => [...ledger.nodeRoles()]) }
  }
  let inProgress: Promise<Snapshot> | undefined
  return () => (inProgress ??= take().finally(() => (inProgress = undefined)))
}

function unreadableText({ labels, reason }: UnreadableView): string {
  return closedLabelText([...svidLabelNames, 'reason'], [...svidLabelNames.map((name) => labels[name]), reason])
}

function driftText({ labels, cause }: DriftView): string {
  return closedLabelText([...driftLabelNames, 'cause'], [...driftLabelNames.map((name) => labels[name]), cause])
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => (computed ??= { value: compute() }).value
}
