import type { TrustView } from '../ledger/trust/view.ts'
import { svidLabelNames, type SvidLabels } from '../ledger/workloads/view.ts'
import type { DiagnosisCode, Remedy, Severity } from './codes.ts'

/** The labels that name the subject of a diagnosis, in the order in which outputs write them. */
export const subjectLabelNames = [...svidLabelNames, 'agent', 'bundle', 'source'] as const

/** Whom or what a diagnosis is about. A label that does not apply is left out or ''. */
export type Subject = Readonly<Partial<Record<(typeof subjectLabelNames)[number], string>>> | SvidLabels

/** Values that prove a diagnosis, by name. Values whose name ends in `Ms` are times, ms since the Unix epoch. */
export type Evidence = Readonly<Record<string, string | number>>

/** One thing that is wrong. Times are ms since the Unix epoch. A diagnosis stays the same object until something about it changes. */
export interface Diagnosis {
  readonly code: DiagnosisCode
  readonly severity: Severity
  /** Names the subject. No two diagnoses have the same code and key. */
  readonly key: string
  readonly subject: Subject
  /** The reason code that the subject's own source gives; '' if there is none. */
  readonly reason: string
  /** Since when the problem exists. */
  readonly sinceMs: number
  /** From when on connections fail; undefined if none fail because of this. */
  readonly impactMs?: number
  readonly evidence: Evidence
  readonly remedy: Remedy
  /** The diagnosis that explains this one, of the same issuer or SVID; '' if none does. */
  readonly explainedBy: DiagnosisCode | ''
  /** The workload or its namespace says that this wakes nobody. */
  readonly muted: boolean
}

/** The judgement about one subject, before it is compared with the earlier one. */
export interface Judgement extends Omit<Diagnosis, 'sinceMs'> {
  /** Undefined: since the problem was first judged. */
  readonly sinceMs: number | undefined
}

/** Called with each judgement. */
export type Judged = (judgement: Judgement) => void

/** What followers of diagnoses hear: a problem begins, changes or ends. */
export type DiagnosisChange =
  | { readonly is: 'begun' | 'ended'; readonly diagnosis: Diagnosis }
  | { readonly is: 'changed'; readonly diagnosis: Diagnosis; readonly before: Diagnosis }

/** What outputs read. */
export interface DiagnosesView {
  /** Returns all diagnoses, in no particular order. */
  all(): Iterable<Diagnosis>
  /** Follows changes. The listener must neither throw nor wait. Returns a function that stops following. */
  follow(listener: (change: DiagnosisChange) => void): () => void
  /** Returns who holds which authorities, as of the last time that everything was judged. */
  trust(): TrustView
}
