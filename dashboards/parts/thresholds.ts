import type { Thresholds } from './panel.ts'

/** For counts that should be 0: yellow is for working hours, red is for now. */
export const warnAboveNone: Thresholds = { base: 'green', from: [[1, 'yellow']] }
export const alarmAboveNone: Thresholds = { base: 'green', from: [[1, 'red']] }

/** For shares that should be 100 %. */
export const shareThatShouldBeAll: Thresholds = {
  base: 'red',
  from: [
    [0.9, 'yellow'],
    [0.99, 'green'],
  ],
}

/**
 * For the share that is left of the safe time, which runs from the due renewal to the expiry. A renewal in its first quarter is
 * healthy; at 73 % the workload pages, whatever the lifetime.
 */
export const safeTimeLevels: Thresholds = {
  base: 'red',
  from: [
    [0.5, 'orange'],
    [0.73, 'yellow'],
    [1, 'green'],
  ],
}
