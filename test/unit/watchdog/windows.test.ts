import { describe, expect, test } from 'vitest'
import { isInWindows } from '../../../src/watchdog/windows.ts'

const nights = { days: [5], fromMinute: 22 * 60, toMinute: 4 * 60 }
const office = { days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 17 * 60 }

describe('a time is in the windows', () => {
  test.each<[string, boolean]>([
    ['2026-11-20T08:59:59Z', false],
    ['2026-11-20T09:00:00Z', true],
    ['2026-11-20T16:59:59Z', true],
    ['2026-11-20T17:00:00Z', false],
    ['2026-11-20T22:00:00Z', true],
    ['2026-11-21T03:59:59Z', true],
    ['2026-11-21T04:00:00Z', false],
    ['2026-11-21T10:00:00Z', false],
    ['2026-11-21T22:00:00Z', false],
  ])('%s: %s', (time, isIn) => {
    expect(isInWindows([nights, office], Date.parse(time))).toBe(isIn)
  })

  test('if there are none', () => {
    expect(isInWindows([], 0)).toBe(true)
  })
})
