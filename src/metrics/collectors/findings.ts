import type { NodeRoleView } from '../../ledger/nodes/view.ts'
import type { findingsMetrics, nodeRoleMetrics } from '../catalogue/findings.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

/** How offering the findings goes; read at every scrape. */
export interface FindingsHealth {
  /** Who follows at present. */
  readonly followers: number
  /** Requests that were refused since the process started, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<string, number>
}

/** One sample for each node role of which there is a value. */
function forEachNode(value: (view: NodeRoleView) => number | undefined): Collector {
  return (samples, snapshot) => {
    for (const view of snapshot.nodeRoles()) {
      const known = value(view)
      if (known !== undefined) samples.add(labelText(['node'], [view.node]), known)
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
