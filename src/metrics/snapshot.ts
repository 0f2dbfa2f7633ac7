import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { svidLabelNames, type DriftView, type RefusedView, type UnreadableView } from '../ledger/workloads/view.ts'
import type { TrustView } from '../ledger/trust/view.ts'
import type { LedgerView, Survey } from '../ledger/view.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import { authoritySeries, type AuthoritySeries } from './authoritySeries.ts'
import { driftLabelNames } from './catalogue/svids.ts'
import type { Samples } from './exposition.ts'
import { guard, seriesPerFamily, type Guarded } from './guard.ts'
import { closedLabelText } from './labelText.ts'
import { ProblemLabels, type ProblemSeries } from './problemSeries.ts'
import { SeriesNames } from './seriesNames.ts'
import { SvidCounts, type CountedSvids } from './svidCounts.ts'
import { SvidSeries } from './svidSeries.ts'

/** The result of one walk through the workloads: the per-SVID series, the counts of all copies, and the agents and workloads. */
export interface Surveyed extends Pick<Survey, 'agents' | 'workloads' | 'probes' | 'fileBundles'> {
  readonly series: SvidSeries
  readonly counted: CountedSvids
  readonly unreadable: Guarded
  readonly drifts: Guarded
  readonly refused: Guarded
}

/** The input of all collectors in one scrape, as of one moment. Values that several families need are computed once. */
export interface Snapshot {
  readonly nowMs: number
  readonly ledger: LedgerView
  surveyed(): Surveyed
  readonly problems: ProblemSeries
  /** Who holds which authorities, as of the last time that problems were judged. */
  readonly trust: TrustView
  authorities(): AuthoritySeries
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

/** Takes a snapshot, and resolves with what `use` makes of it. Nothing may read the snapshot after that. */
export type WithSnapshot = <Result>(use: (snapshot: Snapshot) => Promise<Result>) => Promise<Result>

/** A snapshot that is taken or used. */
interface Taken {
  readonly snapshot: Promise<Snapshot>
  readonly series: SvidSeries
  /** How many use it or wait for it. */
  users: number
}

/**
 * Returns a function that takes snapshots of a ledger. The walk through the workloads is done in slices, so that it does not block
 * the event loop, and calls during a walk share its snapshot. The labels of an SVID are rendered once and kept between scrapes.
 */
export function createSnapshots({ ledger, diagnoses, clock, maxSeries }: SnapshotOptions): WithSnapshot {
  const limit = seriesPerFamily(maxSeries)
  const names = new SeriesNames()
  const problemLabels = new ProblemLabels()
  const survey = async (nowMs: number, series: SvidSeries): Promise<Surveyed> => {
    series.begin()
    const counts = new SvidCounts()
    const walk = ledger.survey((copy) => {
      series.add(copy)
      counts.add(copy, nowMs)
    })
    const { unreadable, drifts, refused, ...rest } = await inSlices(clock, walk)
    await inSlices(clock, series.choose())
    return {
      series,
      counted: counts.counted(),
      unreadable: guard(unreadable, limit, reasonText),
      drifts: guard(drifts, limit, driftText),
      refused: guard(refused, limit, reasonText),
      ...rest,
    }
  }
  const take = async (series: SvidSeries): Promise<Snapshot> => {
    const nowMs = clock.now()
    // An error is thrown by the collectors that need the survey, so that other families are not affected.
    const surveyed = await survey(nowMs, series).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    const problems = await inSlices(clock, problemLabels.series(diagnoses, maxSeries))
    const trust = diagnoses.trust()
    const authorities = once(() => authoritySeries(trust))
    return { nowMs, ledger, surveyed, problems, trust, authorities, nodeRoles: once(() => [...ledger.nodeRoles()]) }
  }
  let inProgress: Taken | undefined
  let spare: SvidSeries | undefined
  const begin = (): Taken => {
    const series = spare ?? new SvidSeries(limit, names)
    spare = undefined
    return { snapshot: take(series).finally(() => (inProgress = undefined)), series, users: 0 }
  }
  return async (use) => {
    const taken = (inProgress ??= begin())
    taken.users += 1
    try {
      return await use(await taken.snapshot)
    } finally {
      taken.users -= 1
      if (taken.users === 0) spare = taken.series
    }
  }
}

function reasonText({ labels, reason }: UnreadableView | RefusedView): string {
  return closedLabelText([...svidLabelNames, 'reason'], [...svidLabelNames.map((name) => labels[name]), reason])
}

function driftText({ labels, cause }: DriftView): string {
  return closedLabelText([...driftLabelNames, 'cause'], [...driftLabelNames.map((name) => labels[name]), cause])
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => (computed ??= { value: compute() }).value
}
