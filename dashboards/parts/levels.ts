import type { Thresholds } from './panel.ts'

/** Counts of what should not be: something for working hours, or for now. */
export const warnAboveNone: Thresholds = { base: 'green', from: [[1, 'yellow']] }
export const alarmAboveNone: Thresholds = { base: 'green', from: [[1, 'red']] }

/** Shares of what should be whole. */
export const shareThatShouldBeAll: Thresholds = {
  base: 'red',
  from: [
    [0.9, 'yellow'],
    [0.99, 'green'],
  ],
}

/**
 * The share that is left of the time from when the renewal was due to the expiry. A renewal in its first quarter is healthy,
 * at 73 % it pages, whatever the lifetime.
 */
export const safeTime: Thresholds = {
  base: 'red',
  from: [
    [0.5, 'orange'],
    [0.73, 'yellow'],
    [1, 'green'],
  ],
}
