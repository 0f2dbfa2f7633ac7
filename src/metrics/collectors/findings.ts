import type { NodeRoleView } from '../../ledger/nodes/view.ts'
import type { findingsMetrics, nodeRoleMetrics } from '../catalogue/findings.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

/** The followers and refusals of the findings route, read at every scrape. */
export interface FindingsHealth {
  /** The number of current followers. */
  readonly followers: number
  /** The requests that were refused since the process started, by reason. Contains every reason. */
  readonly refusals: ReadonlyMap<string, number>
}

/** Writes one sample for each node role that has a value. */
function forEachNode(value: (view: NodeRoleView) => number | undefined): Collector {
  return (samples, snapshot) => {
    for (const view of snapshot.nodeRoles()) {
      const sample = value(view)
      if (sample !== undefined) samples.add(labelText(['node'], [view.node]), sample)
    }
  }
}

export const nodeRoleCollectors: Collectors<typeof nodeRoleMetrics> = {
  svidwatch_node_up: forEachNode(({ up }) => (up ? 1 : 0)),
  svidwatch_node_last_contact_timestamp_seconds: forEachNode(({ lastContactMs }) =>
    lastContactMs === undefined ? undefined : lastContactMs / 1000,
  ),
  svidwatch_node_findings: forEachNode(({ findings }) => findings),
  svidwatch_node_refused_findings: forEachNode(({ refused }) => refused),
}

export function findingsCollectors(health: FindingsHealth): Collectors<typeof findingsMetrics> {
  return {
    svidwatch_findings_followers: (samples) => samples.add('', health.followers),
    svidwatch_findings_refused_total(samples) {
      for (const [reason, count] of health.refusals) samples.add(labelText(['reason'], [reason]), count)
    },
  }
}
