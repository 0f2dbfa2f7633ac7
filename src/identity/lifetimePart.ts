import { svidState, type Period } from './lifetime.ts'

/** How much of a lifetime is left, in percent of it: quarters of the time before the renewal is due, and of that after it. */
export const lifetimeParts = {
  '83-100': 'less than a sixth of its lifetime has passed',
  '67-83': 'between two thirds and five sixths of its lifetime are left',
  '50-67': 'between a half and two thirds of its lifetime are left',
  '33-50': 'more than a third of its lifetime is left: its renewal is not due yet',
  '25-33': 'its renewal is due, and more than three quarters of the time until it expires are left',
  '17-25': 'its renewal is due, and between a half and three quarters of that time are left',
  '8-17': 'its renewal is due, and between a quarter and a half of that time are left',
  '0-8': 'its renewal is due, and less than a quarter of that time is left',
  expired: 'it has expired',
} as const
export type LifetimePart = keyof typeof lifetimeParts

/** The parts before and after the renewal is due, each with the twelfths of the lifetime that are left at least. */
const parts = {
  valid: [
    ['83-100', 10],
    ['67-83', 8],
    ['50-67', 6],
    ['33-50', 0],
  ],
  renewal_overdue: [
    ['25-33', 3],
    ['17-25', 2],
    ['8-17', 1],
    ['0-8', 0],
  ],
} as const

/** How much of the lifetime is left. Where a state ends says `svidState`. */
export function lifetimePart(svid: Period, nowMs: number): LifetimePart {
  const state = svidState(svid, nowMs)
  if (state === 'expired') return 'expired'
  const leftMs = svid.notAfterMs - nowMs
  const lifetimeMs = svid.notAfterMs - svid.notBeforeMs
  for (const [part, twelfths] of parts[state]) if (leftMs * 12 >= twelfths * lifetimeMs) return part
  return 'expired'
}
