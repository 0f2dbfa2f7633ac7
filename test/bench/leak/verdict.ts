import type { Sample } from './run.ts'

/** So much more of the heap may be in use at the end than after the warm-up: V8 compiles and caches for ever. */
const flat = 1.05
/**
 * So many objects may be left of each SVID that was issued: what is tidied only now and then comes and goes. Whatever is
 * forgotten in a map leaves one at the least.
 */
const objectsLeft = 0.25

export interface Verdict {
  /** How what is held develops after the first quarter of the time, in words. */
  readonly trends: readonly string[]
  /** What is wrong; empty: nothing. */
  readonly problems: readonly string[]
}

/** What the samples of a run say. Throws where there are fewer than four. */
export function verdictOf(samples: readonly Sample[]): Verdict {
  const warm = samples.slice(Math.ceil(samples.length / 4))
  const quarter = Math.ceil(warm.length / 4)
  const [early, late] = [warm.slice(0, quarter), warm.slice(-quarter)]
  if (samples.length < 4) throw new Error('four samples are needed to see a trend')

  const growth = (value: (sample: Sample) => number) => mean(late.map(value)) / mean(early.map(value))
  const heap = growth(({ heapBytes }) => heapBytes)
  const increase = (value: (sample: Sample) => number) => mean(late.map(value)) - mean(early.map(value))
  const left = increase(({ objects }) => objects) / increase(({ issued }) => issued)
  const perHour = (slopeOf(warm) / 2 ** 20) * 60

  const problems = samples.flatMap(({ minute, difference }) =>
    difference === undefined ? [] : [`minute ${minute}: ${difference}`],
  )
  if (heap > flat) problems.push(`the heap grows: it is ${heap.toFixed(3)} times as large at the end`)
  if (left > objectsLeft) problems.push(`objects are left behind: ${left.toFixed(2)} for each SVID that was issued`)
  return {
    trends: [
      `RSS: ${growth(({ rssBytes }) => rssBytes).toFixed(3)} times as large at the end, ${perHour.toFixed(1)} MiB more in an hour`,
      `heap: ${heap.toFixed(3)} times as large at the end`,
      `objects: ${left.toFixed(3)} left of each SVID that was issued`,
    ],
    problems,
  }
}

/** By how many bytes the RSS grows in a minute: the slope of the straight line that fits best. */
function slopeOf(samples: readonly Sample[]): number {
  const minute = mean(samples.map((sample) => sample.minute))
  const rssBytes = mean(samples.map((sample) => sample.rssBytes))
  const deviations = samples.map((sample) => ({ x: sample.minute - minute, y: sample.rssBytes - rssBytes }))
  return mean(deviations.map(({ x, y }) => x * y)) / mean(deviations.map(({ x }) => x * x))
}

const mean = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0) / numbers.length
