import type { Clock } from '../clock.ts'
import type { AgentView, DriftView, LedgerView, NodeRoleView, UnreadableView } from '../ledger/view.ts'
import { driftLabelNames } from './catalogue/svids.ts'
import type { Samples } from './exposition.ts'
import { guard, seriesPerFamily, type Guarded } from './guard.ts'
import { labelText } from './labelText.ts'
import { SeriesNames } from './seriesNames.ts'
import { SvidCounts, type SvidGroup } from './svidCounts.ts'
import { SvidSeries } from './svidSeries.ts'

/** The copies of SVIDs: one row for each that has series, and the counts of all. */
export interface Copies {
  readonly series: SvidSeries
  readonly groups: readonly SvidGroup[]
}

/** What one scrape reads: everything as of one moment, and what several families need at most once. */
export interface Snapshot {
  readonly nowMs: number
  readonly ledger: LedgerView
  copies(): Copies
  unreadable(): Guarded
  drifts(): Guarded
  agents(): readonly AgentView[]
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
  const unreadableText = ({ labels, reason }: UnreadableView) =>
    `${names.of(labels).text},${labelText(['reason'], [reason])}`
  const copies = (nowMs: number): Copies => {
    const series = new SvidSeries(limit, names)
    const counts = new SvidCounts()
    for (const view of ledger.svids()) {
      series.add(view)
      counts.add(view, nowMs)
    }
    return { series, groups: counts.groups }
  }
  return () => {
    names.begin()
    const nowMs = clock.now()
    return {
      nowMs,
      ledger,
      copies: once(() => copies(nowMs)),
      unreadable: once(() => guard(ledger.unreadable(), limit, unreadableText)),
      drifts: once(() => guard(ledger.drifts(), limit, driftText)),
      agents: once(() => [...ledger.agents()]),
      nodeRoles: once(() => [...ledger.nodeRoles()]),
    }
  }
}

function driftText({ labels, cause }: DriftView): string {
  return labelText([...driftLabelNames, 'cause'], [...driftLabelNames.map((name) => labels[name]), cause])
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => (computed ??= { value: compute() }).value
}
