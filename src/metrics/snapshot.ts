import type { Clock } from '../clock.ts'
import type { DriftView, UnreadableView } from '../ledger/workloads/view.ts'
import type { LedgerView, Survey } from '../ledger/view.ts'
import type { NodeRoleView } from '../ledger/nodes/view.ts'
import { driftLabelNames, svidLabelNames } from './catalogue/svids.ts'
import type { Samples } from './exposition.ts'
import { guard, seriesPerFamily, type Guarded } from './guard.ts'
import { closedLabelText } from './labelText.ts'
import { SeriesNames } from './seriesNames.ts'
import { SvidCounts, type SvidGroup } from './svidCounts.ts'
import { SvidSeries } from './svidSeries.ts'

/** What one walk through the workloads shows: the copies that have series, the counts of all copies, and what is seen besides. */
export interface Surveyed extends Pick<Survey, 'agents' | 'workloads'> {
  readonly series: SvidSeries
  readonly groups: readonly SvidGroup[]
  readonly unreadable: Guarded
  readonly drifts: Guarded
}

/** What one scrape reads: everything as of one moment, and what several families need at most once. */
export interface Snapshot {
  readonly nowMs: number
  readonly ledger: LedgerView
  surveyed(): Surveyed
  nodeRoles(): readonly NodeRoleView[]
}

/** Writes the samples of one family. What it throws costs this family only. */
export type Collector = (samples: Samples, snapshot: Snapshot) => void

/** A collector for each family that a part of the catalogue declares. */
export type Collectors<Part> = { readonly [Name in keyof Part]: Collector }

/** Makes the snapshots of one ledger. The labels of an SVID are rendered once and kept from scrape to scrape. */
export function createSnapshots(ledger: LedgerView, clock: Clock, maxSeries: number): () => Snapshot {
  const limit = seriesPerFamily(maxSeries)
  const names = new SeriesNames()
  const survey = (nowMs: number): Surveyed => {
    names.begin()
    const series = new SvidSeries(limit, names)
    const counts = new SvidCounts()
    const { unreadable, drifts, agents, workloads } = ledger.survey((copy) => {
      series.add(copy)
      counts.add(copy, nowMs)
    })
    return {
      series,
      groups: counts.groups,
      unreadable: guard(unreadable, limit, unreadableText),
      drifts: guard(drifts, limit, driftText),
      agents,
      workloads,
    }
  }
  return () => {
    const nowMs = clock.now()
    return {
      nowMs,
      ledger,
      surveyed: once(() => survey(nowMs)),
      nodeRoles: once(() => [...ledger.nodeRoles()]),
    }
  }
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
