import type { Diagnosis } from './diagnosis.ts'

/**
 * Compares two diagnoses: a negative number if the first one is more urgent. What wakes nobody comes last, what is explained by
 * another diagnosis comes after what is not. Then what hurts first, and what began first.
 */
export function compareUrgency(one: Diagnosis, other: Diagnosis): number {
  return (
    Number(one.muted) - Number(other.muted) ||
    Number(one.severity !== 'critical') - Number(other.severity !== 'critical') ||
    Number(one.explainedBy !== '') - Number(other.explainedBy !== '') ||
    compareTimes(one.impactMs, other.impactMs) ||
    one.sinceMs - other.sinceMs
  )
}

/** A problem without a time at which it hurts comes after all that have one. */
function compareTimes(one = Infinity, other = Infinity): number {
  return one === other ? 0 : one - other
}
