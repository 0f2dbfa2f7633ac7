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
