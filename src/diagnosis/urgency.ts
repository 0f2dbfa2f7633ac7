import type { Diagnosis } from './diagnosis.ts'

/** What the urgency of a diagnosis depends on. */
export interface Urgency extends Pick<Diagnosis, 'severity' | 'sinceMs' | 'impactMs' | 'muted' | 'key'> {
  readonly code: string
  readonly explainedBy: string
}

/**
 * Compares two diagnoses: a negative number if the first one is more urgent, 0 only if both are the same. What wakes nobody comes
 * last, what is explained by another diagnosis comes after what is not. Then what hurts first, and what began first.
 */
export function compareUrgency(one: Urgency, other: Urgency): number {
  return (
    Number(one.muted) - Number(other.muted) ||
    Number(one.severity !== 'critical') - Number(other.severity !== 'critical') ||
    Number(one.explainedBy !== '') - Number(other.explainedBy !== '') ||
    compareTimes(one.impactMs, other.impactMs) ||
    one.sinceMs - other.sinceMs ||
    compareTexts(one.code, other.code) ||
    compareTexts(one.key, other.key)
  )
}

/** A problem without a time at which it hurts comes after all that have one. */
function compareTimes(one = Infinity, other = Infinity): number {
  return one === other ? 0 : one - other
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
