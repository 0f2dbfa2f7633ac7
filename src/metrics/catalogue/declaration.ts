import type { SourceName } from '../../ledger/sight/observations.ts'
import type { Role } from '../../role.ts'

/** One metric family as a contract with its users. The exposition, the reference pages and the tests are made of it. */
export interface Declaration {
  /** The first sentence tells what the value is; it stands alone in short tables. */
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** In the order in which they are written. A label that has no value is left out of its series. */
  readonly labels: readonly string[]
  /** A stable family keeps its name, its labels and its meaning until the next major version. */
  readonly stability: 'stable' | 'experimental'
  /** How many series there can be. */
  readonly cardinality: string
  /** The roles that export it; `cluster,node` is both in one process. */
  readonly roles: readonly Role[]
  /** Given where these roles export it only while they watch one of these sources. */
  readonly sources?: readonly SourceName[]
  /** The version that brought it. */
  readonly since: string
  /** OpenMetrics' unit; the name, without `_total`, ends in it. */
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  /** The name comes from the runbook that svidwatch makes real. */
  readonly runbook?: true
}

/** Declarations by metric name; the names of counters end in `_total`. */
export type Catalogue = Readonly<Record<string, Declaration>>
