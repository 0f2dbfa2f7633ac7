import type { Clock } from '../clock.ts'
import { namesOf, type MetricName } from './catalogue.ts'
import { announcedMetrics } from './catalogue/announced.ts'
import type { Declaration } from './catalogue/declaration.ts'
import { issuanceMetrics } from './catalogue/issuance.ts'
import { checkpointMetrics, selfMetrics } from './catalogue/self.ts'
import { svidMetrics } from './catalogue/svids.ts'
import { issuanceCollectors } from './collectors/issuance.ts'
import { checkpointCollectors, selfCollectors, type BuildInfo, type CheckpointStatus } from './collectors/self.ts'
import { svidCollectors } from './collectors/svids.ts'
import type { Collector } from './snapshot.ts'

/** One declared metric and what writes its samples. */
export interface Family {
  readonly name: MetricName
  readonly collect: Collector
}

export interface FamilyOptions {
  readonly clock: Clock
  /** Whether the ledger's SVIDs and requests are exported, or only the process's own health. */
  readonly perIdentity: boolean
  readonly build: BuildInfo
  /** Given where totals are committed. */
  readonly checkpoint?: CheckpointStatus
}

/** The families that a process exports, in the order of the catalogue. */
export function createFamilies({ clock, perIdentity, build, checkpoint }: FamilyOptions): readonly Family[] {
  const ofIdentities = [
    ...familiesOf(svidMetrics, svidCollectors),
    ...familiesOf(issuanceMetrics, issuanceCollectors),
    ...namesOf(announcedMetrics).map((name) => ({ name, collect: () => undefined })),
  ]
  return [
    ...(perIdentity ? ofIdentities : []),
    ...familiesOf(selfMetrics, selfCollectors(build, clock)),
    ...(checkpoint === undefined ? [] : familiesOf(checkpointMetrics, checkpointCollectors(checkpoint))),
  ]
}

function familiesOf<Name extends MetricName>(
  part: Readonly<Record<Name, Declaration>>,
  collectors: Readonly<Record<Name, Collector>>,
): readonly Family[] {
  return namesOf(part).map((name) => ({ name, collect: collectors[name] }))
}
