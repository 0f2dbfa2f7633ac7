import type { Clock } from '../clock.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import { declarationOf, guardedFamilies, namesOf, type MetricName } from './catalogue.ts'
import { agentMetrics } from './catalogue/agents.ts'
import { bundleMetrics } from './catalogue/bundles.ts'
import { coverageMetrics } from './catalogue/coverage.ts'
import type { Declaration } from './catalogue/declaration.ts'
import { fileBundleMetrics } from './catalogue/fileBundles.ts'
import { findingsMetrics, nodeRoleMetrics } from './catalogue/findings.ts'
import { issuanceMetrics } from './catalogue/issuance.ts'
import { problemMetrics } from './catalogue/problems.ts'
import { processMetrics } from './catalogue/process.ts'
import { checkpointMetrics, selfMetrics } from './catalogue/self.ts'
import { servedMetrics } from './catalogue/served.ts'
import { svidMetrics } from './catalogue/svids.ts'
import { traceMetrics } from './catalogue/traces.ts'
import { trustMetrics } from './catalogue/trust.ts'
import { agentCollectors } from './collectors/agents.ts'
import { bundleCollectors } from './collectors/bundles.ts'
import { coverageCollectors } from './collectors/coverage.ts'
import { fileBundleCollectors } from './collectors/fileBundles.ts'
import { findingsCollectors, nodeRoleCollectors, type FindingsHealth } from './collectors/findings.ts'
import { issuanceCollectors } from './collectors/issuance.ts'
import { problemCollectors } from './collectors/problems.ts'
import { processCollector } from './collectors/process.ts'
import { checkpointCollectors, selfCollectors, type BuildInfo, type CheckpointStatus } from './collectors/self.ts'
import { servedCollectors } from './collectors/served.ts'
import { seriesDroppedIn, svidCollectors } from './collectors/svids.ts'
import { traceCollectors, type SpanCounts } from './collectors/traces.ts'
import { trustCollectors } from './collectors/trust.ts'
import type { ProcessReadings } from './processReadings.ts'
import type { Collector } from './snapshot.ts'

/** One declared metric and its collector. */
export interface Family {
  readonly name: MetricName
  readonly collect: Collector
}

export interface FamilyOptions {
  readonly clock: Clock
  /** The roles of the build and `sources` decide which families are exported. */
  readonly build: BuildInfo
  /** The sources of the process. */
  readonly sources: readonly SourceName[]
  /** Given where prom-client measures the process. */
  readonly processReadings?: ProcessReadings
  /** Given where totals are committed. */
  readonly checkpoint?: CheckpointStatus
  /** Given where findings are offered. */
  readonly findings?: FindingsHealth
  /** Given where traces are sent. */
  readonly spans?: SpanCounts
}

/** Returns the families that a process with these roles and sources exports, in the order of the catalogue. */
export function createFamilies(options: FamilyOptions): readonly Family[] {
  const { clock, build, sources, processReadings, checkpoint, findings, spans } = options
  const isExported = (name: MetricName) => {
    const { roles, sources: anyOf, alongside } = declarationOf(name)
    const isWatched = (source: SourceName) => sources.includes(source)
    const hasSource = (anyOf?.some(isWatched) ?? true) && (alongside === undefined || isWatched(alongside))
    return hasSource && roles.some((role) => build.roles.includes(role))
  }
  const svidwatch_series_dropped = seriesDroppedIn(guardedFamilies.filter(isExported))
  const exported = { svids: isExported('spiffe_svids'), authorities: isExported('spiffe_authority_svids') }
  const families = [
    ...familiesOf(svidMetrics, { ...svidCollectors, svidwatch_series_dropped }),
    ...familiesOf(problemMetrics, problemCollectors),
    ...familiesOf(issuanceMetrics, issuanceCollectors),
    ...familiesOf(bundleMetrics, bundleCollectors),
    ...familiesOf(trustMetrics, trustCollectors),
    ...familiesOf(agentMetrics, agentCollectors),
    ...familiesOf(coverageMetrics, coverageCollectors),
    ...familiesOf(servedMetrics, servedCollectors),
    ...familiesOf(fileBundleMetrics, fileBundleCollectors),
    ...familiesOf(nodeRoleMetrics, nodeRoleCollectors),
    ...familiesOf(selfMetrics, selfCollectors(build, clock, exported)),
    ...(processReadings === undefined ? [] : processFamilies(processReadings)),
    ...(checkpoint === undefined ? [] : familiesOf(checkpointMetrics, checkpointCollectors(checkpoint))),
    ...(findings === undefined ? [] : familiesOf(findingsMetrics, findingsCollectors(findings))),
    ...(spans === undefined ? [] : familiesOf(traceMetrics, traceCollectors(spans))),
  ]
  return families.filter(({ name }) => isExported(name))
}

function processFamilies(readings: ProcessReadings): readonly Family[] {
  return namesOf(processMetrics).map((name) => ({ name, collect: processCollector(readings, name) }))
}

function familiesOf<Name extends MetricName>(
  part: Readonly<Record<Name, Declaration>>,
  collectors: Readonly<Record<Name, Collector>>,
): readonly Family[] {
  return namesOf(part).map((name) => ({ name, collect: collectors[name] }))
}
