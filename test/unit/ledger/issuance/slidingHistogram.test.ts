import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantileOf, SlidingHistogram } from '../../../../src/ledger/issuance/slidingHistogram.ts'
import { durationBuckets } from '../../../../src/ledger/issuance/view.ts'
import { minute } from '../../../support/watchedLedger.ts'

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)

/** The counts of the buckets after these durations in seconds. */
function countsOf(...seconds: readonly number[]): readonly number[] {
  const histogram = new SlidingHistogram()
  for (const one of seconds) histogram.observe(one, 0)
  return histogram.counts(0)
}

describe('the quantile', () => {
  it.each<[string, readonly number[], number]>([
    ['in the middle of the bucket from 10 s to 30 s, which holds all', [20, 20], 20],
    ['in the first bucket, which begins at 0', [0.01], 0.05],
    ['at the bound, where half are in the buckets up to it', [1, 20], 1],
    ['at the last bound, where most are beyond it', [1, 5_000, 5_000], 1_800],
    ['in the last bucket before that', [1, 1_000, 5_000], 1_200],
  ])('0.5 is %s', (_, seconds, expected) => {
    expect(quantileOf(0.5, countsOf(...seconds))).toBe(expected)
  })

  it('is in the bucket of the duration that has as many below it', () => {
    const bounds = [0, ...durationBuckets]
    const bucketOf = (seconds: number) => bounds.findIndex((bound) => seconds <= bound)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_800 }), { minLength: 1, maxLength: 300 }), (durations) => {
        const sorted = durations.toSorted((a, b) => a - b)
        const atRank = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? NaN
        expect(bucketOf(quantileOf(0.99, countsOf(...durations)))).toBe(bucketOf(atRank))
      }),
    )
  })
})

describe('what is counted', () => {
  it('is forgotten after 15 minutes, and not a minute sooner', () => {
    const histogram = new SlidingHistogram()
    histogram.observe(1, 0)
    histogram.observe(1, 14.9 * minute)
    expect(total(histogram.counts(14.9 * minute))).toBe(2)
    expect(total(histogram.counts(15 * minute))).toBe(1)
    expect(total(histogram.counts(29.9 * minute))).toBe(0)
  })

  it('is everything of the last 15 minutes, and nothing else', () => {
    const gap = fc.integer({ min: 0, max: 5 * minute })
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 60 }), gap, (gaps, lastGap) => {
        const histogram = new SlidingHistogram()
        let nowMs = 0
        const minutes = gaps.map((gapMs) => {
          nowMs += gapMs
          histogram.observe(1, nowMs)
          return Math.floor(nowMs / minute)
        })
        nowMs += lastGap
        const present = Math.floor(nowMs / minute)
        expect(total(histogram.counts(nowMs))).toBe(minutes.filter((one) => present - one < 15).length)
      }),
    )
  })
})
