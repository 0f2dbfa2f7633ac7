import { systemClock } from '../../src/clock.ts'

/** So long is measured at least: code that has run for less is not yet compiled as it will be. */
const leastMs = 2000

/** What `work` costs the thread that calls it, at best: the least CPU time of at least ten runs, in ms. */
export async function threadCostMs(work: Work): Promise<number> {
  const [least] = await leastCostsMs([work])
  return least
}

type Work = () => unknown

/**
 * So long, at least, runs what is measured at once, in ms: the kernel counts the time of a thread to a tick, of up to 10 ms, and a
 * single run of what takes less can seem to take none.
 */
const onceMs = 40

/** The same for several, which take turns, so that whatever else the machine does slows them all. */
export async function leastCostsMs<const All extends readonly Work[]>(
  all: All,
): Promise<{ [Each in keyof All]: number }> {
  const endMs = systemClock.now() + leastMs * all.length
  const each = all.map((work) => ({ work, times: 1, leastMs: Infinity }))
  for (let run = 0; run < 10 || systemClock.now() < endMs; run += 1)
    for (const one of each) {
      let ms = await costMs(one)
      for (; ms * one.times < onceMs; ms = await costMs(one)) one.times *= 2
      one.leastMs = Math.min(one.leastMs, ms)
    }
  return each.map(({ leastMs: ms }) => ms) as { [Each in keyof All]: number }
}

/** What each of so many runs costs. */
async function costMs({ work, times }: { readonly work: Work; readonly times: number }): Promise<number> {
  const before = process.threadCpuUsage()
  for (let run = 0; run < times; run += 1) await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / times
}
