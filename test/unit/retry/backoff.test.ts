import { expect, test } from 'vitest'
import { Backoff } from '../../../src/retry/backoff.ts'
import { ManualClock } from '../../support/manualClock.ts'

function waits(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.nextMs())
}

test.each([
  { random: 0, expected: [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000] },
  { random: 0.5, expected: [375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500] },
  { random: 0.999999, expected: [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] },
])('waits double up to a limit, half of each is random ($random)', ({ random, expected }) => {
  const clock = new ManualClock()
  clock.randomValue = random
  expect(waits(new Backoff(clock), expected.length)).toEqual(expected)
})

test('a success lets the waits begin again', () => {
  const backoff = new Backoff(new ManualClock())
  const first = waits(backoff, 3)
  backoff.reset()
  expect(waits(backoff, 3)).toEqual(first)
})

test('waits stay bounded after any number of failures', () => {
  const backoff = new Backoff(new ManualClock())
  expect(Math.max(...waits(backoff, 5000))).toBe(22_500)
})

test.each([
  { what: 'a longer one is kept to', retryAfterMs: 7000, expected: 7000 },
  { what: 'a shorter one changes nothing', retryAfterMs: 100, expected: 375 },
  { what: 'an unreasonable one is cut', retryAfterMs: 86_400_000, expected: 60_000 },
])('of the waits that the API server asks for, $what', ({ retryAfterMs, expected }) => {
  expect(new Backoff(new ManualClock()).nextMs(retryAfterMs)).toBe(expected)
})
