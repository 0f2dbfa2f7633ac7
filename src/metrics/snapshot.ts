import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import type { DriftView, TooOftenView, UnreadableView } from '../ledger/workloads/view.ts'
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
  readonly tooOften: Guarded
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

/**
 * Makes the snapshots of one ledger. A walk through many workloads is done in slices, so that it holds up nobody; whoever asks
 * while one is under way gets the same one. The labels of an SVID are rendered once and kept from scrape to scrape.
 */
export function createSnapshots(ledger: LedgerView, clock: Clock, maxSeries: number): () => Promise<Snapshot> {
  const limit = seriesPerFamily(maxSeries)
  const names = new SeriesNames()
  const survey = async (nowMs: number): Promise<Surveyed> => {
    names.begin()
    const series = new SvidSeries(limit, names)
    const counts = new SvidCounts()
    const walk = ledger.survey((copy) => {
      series.add(copy)
      counts.add(copy, nowMs)
    })
    const { unreadable, drifts, tooOften, agents, workloads } = await inSlices(clock, walk)
    return {
      series,
      groups: counts.groups,
      unreadable: guard(unreadable, limit, unreadableText),
      drifts: guard(drifts, limit, driftText),
      tooOften: guard(tooOften, limit, tooOftenText),
      agents,
      workloads,
    }
  }
  const take = async (): Promise<Snapshot> => {
    const nowMs = clock.now()
    // What goes wrong costs the families that need it, and no other.
    const surveyed = await survey(nowMs).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    return { nowMs, ledger, surveyed, nodeRoles: once(() => [...ledger.nodeRoles()]) }
  }
  let underWay: Promise<Snapshot> | undefined
  return () => (underWay ??= take().finally(() => (underWay = undefined)))
}

function unreadableText({ labels, reason }: UnreadableView): string {
  return closedLabelText([...svidLabelNames, 'reason'], [...svidLabelNames.map((name) => labels[name]), reason])
}

function driftText({ labels, cause }: DriftView): string {
  return closedLabelText([...driftLabelNames, 'cause'], [...driftLabelNames.map((name) => labels[name]), cause])
}

function tooOftenText({ labels }: TooOftenView): string {
  return closedLabelText(
    driftLabelNames,
    driftLabelNames.map((name) => labels[name]),
  )
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => (computed ??= { value: compute() }).value
}
