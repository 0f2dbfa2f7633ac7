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

test('each work is waited for until it ends, or until its own time is over', async () => {
  const clock = new ManualClock()
  const timeouts = new Timeouts(clock, 500)
  const waited: string[] = []
  const wait = (name: string, work: Promise<unknown>) => void timeouts.wait(work).then(() => waited.push(name))
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const never = new Promise(() => undefined)
  wait('first', never)
  await clock.advance(200)
  wait('ends', promise)
  wait('second', never)
  await clock.advance(299)
  expect(waited).toEqual([])
  await clock.advance(1)
  expect(waited).toEqual(['first'])
  resolve(undefined)
  await clock.advance(0)
  expect(waited).toEqual(['first', 'ends'])
  await clock.advance(200)
  expect(waited).toEqual(['first', 'ends', 'second'])
})

test('an error of the work is passed on', async () => {
  const timeouts = new Timeouts(new ManualClock(), 500)
  await expect(timeouts.wait(Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
})

test('a thousand works that end in time take one timer, which ends with them', async () => {
  const clock = new CountingClock()
  const timeouts = new Timeouts(clock, 500)
  for (let round = 1; round <= 3; round += 1) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const all = Array.from({ length: 1000 }, () => timeouts.wait(promise))
    resolve(undefined)
    await Promise.all(all)
    await clock.advance(0)
    expect([clock.timers, clock.running]).toEqual([round, 0])
  }
})
