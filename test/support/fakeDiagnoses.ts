import type { DiagnosesView, Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import { svidView } from './fakeLedger.ts'

/** Returns diagnoses that never change. */
export function fakeDiagnoses(...diagnoses: readonly Diagnosis[]): DiagnosesView {
  return { all: () => diagnoses, follow: () => () => undefined }
}

/** Returns the missed renewal of the pod `team-a/web-0`. `given` replaces fields. */
export const diagnosis = (given: Partial<Diagnosis> = {}): Diagnosis =>
  harmless({ impactMs: Date.UTC(2026, 10, 22, 13), ...given })

/** Returns the same, but no connection fails because of it. */
export function harmless(given: Partial<Diagnosis> = {}): Diagnosis {
  return {
    code: 'renewal_missed',
    severity: 'critical',
    key: 'uid-0/tls',
    subject: svidView().labels,
    reason: '',
    sinceMs: Date.UTC(2026, 10, 22, 12, 45),
    evidence: {},
    remedy: 'driver',
    explainedBy: '',
    muted: false,
    ...given,
  }
}
