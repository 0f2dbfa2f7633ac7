import { svidState, type Period } from './lifetime.ts'

/**
 * The parts of an SVID's lifetime: how much is left of the time until its renewal is due, and then of the time from due to
 * expiry, in percent of that time. The percentages are not of the lifetime, because each writer renews at another share of it.
 */
export const lifetimeParts = {
  'until_due_75-100': 'at least three quarters of the time until its renewal is due are left',
  'until_due_50-75': 'between a half and three quarters of the time until its renewal is due are left',
  'until_due_25-50': 'between a quarter and a half of the time until its renewal is due are left',
  'until_due_0-25': 'less than a quarter of the time until its renewal is due is left',
  'overdue_75-100': 'its renewal is due: at least three quarters of the time from then to its expiry are left',
  'overdue_50-75': 'its renewal was missed: between a half and three quarters of the time to its expiry are left',
  'overdue_25-50': 'its renewal was missed: between a quarter and a half of the time to its expiry are left',
  'overdue_0-25': 'its renewal was missed: less than a quarter of the time to its expiry is left',
  expired: 'it has expired',
} as const
export type LifetimePart = keyof typeof lifetimeParts

/** The quarters before and after the renewal is due, from the first to the last. */
const quarters = {
  valid: ['until_due_75-100', 'until_due_50-75', 'until_due_25-50', 'until_due_0-25'],
  renewal_overdue: ['overdue_75-100', 'overdue_50-75', 'overdue_25-50', 'overdue_0-25'],
} as const

/**
 * Returns the part of its lifetime in which an SVID is whose renewal is due at `dueMs` (renewal.ts). The lifetime begins at
 * notBefore, or when the workload obtained the SVID, if that is later.
 */
export function lifetimePart(
  { notBeforeMs, notAfterMs }: Period,
  dueMs: number,
  nowMs: number,
  obtainedMs = notBeforeMs,
): LifetimePart {
  const state = svidState(notAfterMs, dueMs, nowMs)
  if (state === 'expired') return 'expired'
  const [fromMs, toMs] = state === 'valid' ? [Math.max(notBeforeMs, obtainedMs), dueMs] : [dueMs, notAfterMs]
  const quartersLeft = (count: number) => 4 * (toMs - nowMs) >= count * (toMs - fromMs)
  const [first, second, third, last] = quarters[state]
  if (quartersLeft(3)) return first
  if (quartersLeft(2)) return second
  return quartersLeft(1) ? third : last
}
