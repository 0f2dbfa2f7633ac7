import type { BundleStep } from './bundles/observations.ts'
import type { RequestStep } from './issuance/observations.ts'
import type { NodeObjectStep, NodeStep } from './nodes/observations.ts'
import type { HistoryStep, SourceStep } from './sight/observations.ts'
import type { TrustStep } from './trust/observations.ts'
import type { FileStep, Finding, ServedStep, WorkloadStep } from './workloads/observations.ts'

/** Everything that a source can report. */
export type Observation =
  | RequestStep
  | WorkloadStep
  | Finding
  | FileStep
  | NodeObjectStep
  | NodeStep
  | BundleStep
  | TrustStep
  | ServedStep
  | HistoryStep
  | SourceStep

/** Called by a source for each observation. */
export type Report = (observation: Observation) => void
