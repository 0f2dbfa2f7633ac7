import fc from 'fast-check'
import { expect } from 'vitest'
import { heapBytes } from '../../support/heap.ts'

/** How many inputs each parser gets. */
export const runs = numberFrom('SVIDWATCH_FUZZ_RUNS', 10_000)

/** What all inputs follow from; `SVIDWATCH_FUZZ_SEED` repeats a run. */
export const seed = numberFrom('SVIDWATCH_FUZZ_SEED', 20_261_122)

/**
 * No single input may keep the main thread for longer, however slow the machine is. growth.test.ts looks for time that grows
 * faster than an input does.
 */
const maxCpuMs = 5_000

/** What may be kept after all inputs together: caches are bounded, and so is what the engine compiles and remembers. */
const maxKeptBytes = 32 * 1024 * 1024

/**
 * Gives a parser `runs` inputs and asks of each what `check` asks, that it takes bounded time, and of all together that they leave
 * no memory behind. A failure prints the seed, and the input as small as it could be made.
 */
export function fuzz<Input>(inputs: fc.Arbitrary<Input>, check: (input: Input) => void): Promise<void> {
  const timed = (input: Input) => inTime(() => check(input))
  return leavingNoMemory(runs, (numRuns) => fc.assert(fc.property(inputs, timed), { seed, numRuns }))
}

/** The same for what has to be waited for. Its time is not bounded: others take theirs meanwhile. */
export function fuzzAsync<Input>(
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => Promise<void>,
  times = runs,
): Promise<void> {
  return leavingNoMemory(times, (numRuns) => fc.assert(fc.asyncProperty(inputs, check), { seed, numRuns }))
}

/** The first few inputs are for the engine to compile what it needs, and for caches to fill. */
async function leavingNoMemory(times: number, work: (times: number) => Promise<void> | void): Promise<void> {
  await work(Math.ceil(times / 20))
  const before = await heapBytes()
  await work(Math.ceil(times))
  expect((await heapBytes()) - before, 'bytes that are kept after all inputs').toBeLessThan(maxKeptBytes)
}

/** `count` inputs, the same ones for the same seed. */
export function sample<Input>(inputs: fc.Arbitrary<Input>, count: number): readonly Input[] {
  return fc.sample(inputs, { seed, numRuns: count })
}

/** Processor time of this thread, ms: however busy the machine is, others do not count. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function inTime(work: () => void): void {
  const before = cpuMs()
  work()
  expect(cpuMs() - before, 'ms of the main thread for one input').toBeLessThan(maxCpuMs)
}

function numberFrom(name: string, otherwise: number): number {
  const given = process.env[name]
  if (given === undefined) return otherwise
  if (!/^-?\d{1,10}$/.test(given)) throw new Error(`${name} must be an integer (got ${JSON.stringify(given)})`)
  return Number(given)
}
