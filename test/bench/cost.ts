import { systemClock } from '../../src/clock.ts'

/** So long is measured at least: code that has run for less is not yet compiled as it will be. */
const leastMs = 2000

/** What `work` costs the thread that calls it, at best: the least CPU time of at least ten runs, in ms. */
export async function threadCostMs(work: Work): Promise<number> {
  const [least] = await leastCostsMs([work])
  return least
}

type Work = () => unknown

/** The same for several, which take turns, so that whatever else the machine does slows them all. */
export async function leastCostsMs<const All extends readonly Work[]>(
  all: All,
): Promise<{ [Each in keyof All]: number }> {
  const endMs = systemClock.now() + leastMs * all.length
  const least = all.map(() => Infinity)
  for (let run = 0; run < 10 || systemClock.now() < endMs; run += 1) {
    for (const [index, work] of all.entries()) least[index] = Math.min(least[index] ?? Infinity, await costMs(work))
  }
  return least as { [Each in keyof All]: number }
}

async function costMs(work: Work): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
