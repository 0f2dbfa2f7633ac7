import { expect, test } from 'vitest'
import { Timeouts } from '../../../src/files/timeouts.ts'
import { ManualClock } from '../../support/manualClock.ts'

/** A clock that counts its timers. */
class CountingClock extends ManualClock {
  timers = 0
  running = 0

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.timers += 1
    this.running += 1
    await super.sleep(ms, signal)
    this.running -= 1
  }
}

test('each passes at its own time, unless it is cancelled', async () => {
  const clock = new ManualClock()
  const timeouts = new Timeouts(clock, 500)
  const passed: string[] = []
  timeouts.add(() => passed.push('first'))
  await clock.advance(200)
  const cancel = timeouts.add(() => passed.push('cancelled'))
  timeouts.add(() => passed.push('second'))
  await clock.advance(299)
  expect(passed).toEqual([])
  await clock.advance(1)
  expect(passed).toEqual(['first'])
  cancel()
  await clock.advance(199)
  expect(passed).toEqual(['first'])
  await clock.advance(1)
  expect(passed).toEqual(['first', 'second'])
})

test('a thousand that are cancelled take one timer, which ends with them', async () => {
  const clock = new CountingClock()
  const timeouts = new Timeouts(clock, 500)
  for (let round = 1; round <= 3; round += 1) {
    const all = Array.from({ length: 1000 }, () => timeouts.add(() => undefined))
    for (const cancel of all) cancel()
    await clock.advance(0)
    expect([clock.timers, clock.running]).toEqual([round, 0])
  }
})
