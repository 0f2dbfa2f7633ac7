import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('to sleep for 0 ms takes no timer, the shortest of which is 1 ms', async () => {
  const before = timers()
  const sleeping = systemClock.sleep(0)
  expect(timers()).toBe(before)
  await sleeping
})

test('those who sleep for 0 ms take turns', async () => {
  const turns: string[] = []
  const work = async (name: string) => {
    for (let turn = 1; turn <= 2; turn += 1) {
      await systemClock.sleep(0)
      turns.push(`${name} ${turn}`)
    }
  }
  await Promise.all([work('one'), work('other')])
  expect(turns).toEqual(['one 1', 'other 1', 'one 2', 'other 2'])
})

test('an abort ends a sleep', async () => {
  const aborted = new AbortController()
  const sleeping = systemClock.sleep(3_600_000, aborted.signal)
  aborted.abort()
  await sleeping
  await systemClock.sleep(3_600_000, aborted.signal)
})

test('the time of the processor passes while the thread works, and not while it waits for another process', () => {
  const beganMs = systemClock.processorMs()
  const giveUpMs = systemClock.monotonicMs() + 4_000
  while (systemClock.processorMs() < beganMs + 10 && systemClock.monotonicMs() < giveUpMs);
  expect(systemClock.processorMs()).toBeGreaterThanOrEqual(beganMs + 10)

  const [waitsMs, waitsProcessorMs] = [systemClock.monotonicMs(), systemClock.processorMs()]
  execFileSync(process.execPath, ['--eval', 'while (performance.now() < 200);'])
  const waitedMs = systemClock.monotonicMs() - waitsMs
  expect(systemClock.processorMs() - waitsProcessorMs).toBeLessThan(waitedMs / 2)
})
