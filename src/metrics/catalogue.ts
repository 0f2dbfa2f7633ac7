import { announcedMetrics } from './catalogue/announced.ts'
import type { Declaration } from './catalogue/declaration.ts'
import { issuanceMetrics } from './catalogue/issuance.ts'
import { checkpointMetrics, collectorMetrics, selfMetrics } from './catalogue/self.ts'
import { svidMetrics } from './catalogue/svids.ts'

/** What is exported of SVIDs and requests; a process that exports only its own health leaves it out. */
export const identityMetrics = { ...svidMetrics, ...issuanceMetrics, ...announcedMetrics } as const

/** Every metric that svidwatch exports, in the order of the exposition. */
export const catalogue = { ...identityMetrics, ...selfMetrics, ...checkpointMetrics, ...collectorMetrics } as const

export type MetricName = keyof typeof catalogue

/** The names that a part of the catalogue declares. */
export function namesOf<Name extends string>(part: Readonly<Record<Name, Declaration>>): readonly Name[] {
  return Object.keys(part) as Name[]
}

/** The families that have a series for each SVID: those that the cardinality guard bounds. */
export const perIdentityFamilies = namesOf(catalogue).filter((name) => declarationOf(name).labels.includes('spiffe_id'))

/** What the catalogue says of one metric. */
export function declarationOf(name: MetricName): Declaration {
  return catalogue[name]
}
