import type { Clock } from '../clock.ts'
import type { AgentView, DriftView, LedgerView, NodeRoleView, SvidView, UnreadableView } from '../ledger/view.ts'
import { driftLabelNames, svidLabelNames } from './catalogue/svids.ts'
import type { Samples } from './exposition.ts'
import { guard, seriesPerFamily, type Guarded } from './guard.ts'
import { cachedLabelText, labelText } from './labelText.ts'

/** What one scrape reads: everything as of one moment, and what several families need at most once. */
export interface Snapshot {
  readonly nowMs: number
  readonly ledger: LedgerView
  svids(): readonly SvidView[]
  svidSeries(): Guarded<SvidView>
  unreadableSeries(): Guarded<UnreadableView>
  driftSeries(): Guarded<DriftView>
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
  const svidText = cachedLabelText(svidLabelNames)
  return () => {
    const svids = once(() => [...ledger.svids()])
    const unreadableText = ({ labels, reason }: UnreadableView) =>
      `${svidText(labels)},${labelText(['reason'], [reason])}`
    return {
      nowMs: clock.now(),
      ledger,
      svids,
      svidSeries: once(() => guard(svids(), limit, ({ labels }) => svidText(labels), expiresSooner)),
      unreadableSeries: once(() => guard(ledger.unreadable(), limit, unreadableText, () => false)),
      driftSeries: once(() => guard(ledger.drifts(), limit, driftText, () => false)),
      agents: once(() => [...ledger.agents()]),
      nodeRoles: once(() => [...ledger.nodeRoles()]),
    }
  }
}

/** Of copies that cannot be told apart, the one that expires first is the one to warn of. */
function expiresSooner(view: SvidView, other: SvidView): boolean {
  return view.svid.notAfterMs < other.svid.notAfterMs
}

function driftText({ labels, cause }: DriftView): string {
  return labelText([...driftLabelNames, 'cause'], [...driftLabelNames.map((name) => labels[name]), cause])
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => (computed ??= { value: compute() }).value
}
