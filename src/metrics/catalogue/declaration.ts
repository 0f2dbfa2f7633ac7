import type { SourceName } from '../../ledger/sight/observations.ts'
import type { Role } from '../../role.ts'

/** One metric family, as a contract with its users. The exposition, the reference pages and the tests are generated from it. */
export interface Declaration {
  /** The first sentence says what the value is. It stands alone in short tables. */
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** The label names, in the order of the exposition. A label with an empty value is left out of its series. */
  readonly labels: readonly string[]
  /** A stable family keeps its name, its labels and its meaning until the next major version. */
  readonly stability: 'stable' | 'experimental'
  /** How many series the family can have. */
  readonly cardinality: string
  /** The roles that export the family. A process with the roles `cluster,node` exports the families of both. */
  readonly roles: readonly Role[]
  /** If given, these roles export the family only while they watch one of these sources. */
  readonly sources?: readonly SourceName[]
  /** If given, these roles export the family only while they watch this source as well. */
  readonly alongside?: SourceName
  /** The first version with the family. */
  readonly since: string
  /** The unit in OpenMetrics. The name ends in it, apart from `_total`. */
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  /** Set if the name comes from the runbook for SPIFFE identities. */
  readonly runbook?: true
}

/** Declarations by metric name. The names of counters end in `_total`. */
export type Catalogue = Readonly<Record<string, Declaration>>
