import { agentMetrics } from './catalogue/agents.ts'
import { bundleMetrics } from './catalogue/bundles.ts'
import { coverageMetrics } from './catalogue/coverage.ts'
import type { Declaration } from './catalogue/declaration.ts'
import { fileBundleMetrics } from './catalogue/fileBundles.ts'
import { findingsMetrics, nodeRoleMetrics } from './catalogue/findings.ts'
import { issuanceMetrics } from './catalogue/issuance.ts'
import { processMetrics } from './catalogue/process.ts'
import { checkpointMetrics, collectorMetrics, selfMetrics } from './catalogue/self.ts'
import { problemMetrics } from './catalogue/problems.ts'
import { servedMetrics } from './catalogue/served.ts'
import { svidMetrics } from './catalogue/svids.ts'
import { traceMetrics } from './catalogue/traces.ts'
import { trustMetrics } from './catalogue/trust.ts'

/** Every metric that svidwatch exports, in the order of the exposition. */
export const catalogue = {
  ...svidMetrics,
  ...problemMetrics,
  ...issuanceMetrics,
  ...bundleMetrics,
  ...trustMetrics,
  ...agentMetrics,
  ...coverageMetrics,
  ...servedMetrics,
  ...fileBundleMetrics,
  ...nodeRoleMetrics,
  ...selfMetrics,
  ...processMetrics,
  ...checkpointMetrics,
  ...findingsMetrics,
  ...traceMetrics,
  ...collectorMetrics,
} as const

export type MetricName = keyof typeof catalogue

/** Returns the names that a part of the catalogue declares. */
export function namesOf<Name extends string>(part: Readonly<Record<Name, Declaration>>): readonly Name[] {
  return Object.keys(part) as Name[]
}

/** The families that have a series for each SVID. */
export const guardedFamilies = namesOf(catalogue).filter((name) => declarationOf(name).labels.includes('spiffe_id'))

/** The families that the cardinality guard bounds together. Problems have a bound of their own. */
export const perIdentityFamilies = guardedFamilies.filter((name) => !(name in problemMetrics))

/** Returns the declaration of a metric. */
export function declarationOf(name: MetricName): Declaration {
  return catalogue[name]
}
