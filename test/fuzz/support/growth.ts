import { expect } from 'vitest'
import { cpuMs } from './fuzz.ts'

/** Much more than a linear cost needs, much less than a quadratic one has: an input 8 times as long takes 8 or 64 times as long. */
const times = 8
const maxRatio = 24

/** Below this, a measurement is noise. */
const leastMs = 4

/**
 * Expects that the processor time of `work` grows as fast as its input, for an input made of `length` characters or parts and one
 * 8 times as large. What is over too soon to be measured has no cost to speak of.
 */
export function expectLinear(length: number, work: (length: number) => void): void {
  work(length)
  const shortMs = Math.max(
    leastMs,
    bestOf3(() => work(length)),
  )
  const longMs = bestOf3(() => work(length * times))
  expect(longMs / shortMs, `${longMs} ms for ${length * times}, ${shortMs} ms for ${length}`).toBeLessThan(maxRatio)
}

function bestOf3(work: () => void): number {
  const once = () => {
    const before = cpuMs()
    work()
    return cpuMs() - before
  }
  return Math.min(once(), once(), once())
}
