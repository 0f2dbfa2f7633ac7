/** A time of the week in which restarts are allowed, in UTC. */
export interface TimeWindow {
  /** The days on which it begins, 0 for Sunday to 6 for Saturday. */
  readonly days: readonly number[]
  /** Minutes since midnight, from 0 to 1439. A window whose end is not after its beginning ends on the next day. */
  readonly fromMinute: number
  readonly toMinute: number
}

const minuteMs = 60_000
const dayMinutes = 24 * 60

/** Reports whether a time is in one of the windows. Without windows, every time is. */
export const isInWindows = (windows: readonly TimeWindow[], nowMs: number): boolean =>
  windows.length === 0 || windows.some((window) => isIn(window, nowMs))

function isIn({ days, fromMinute, toMinute }: TimeWindow, nowMs: number): boolean {
  const minute = Math.floor(nowMs / minuteMs) % dayMinutes
  const day = new Date(nowMs).getUTCDay()
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute
  const dayBefore = (day + 6) % 7
  return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute)
}
