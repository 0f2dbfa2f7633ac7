import { expect, test } from 'vitest'
import { phases } from './prometheus.ts'
import type { Sample } from './samples.ts'
import { firingsOf } from './thresholds.ts'

const intervalMs = 60_000

/** When a threshold of 100 s begins to fire, in minutes, where there is one sample each minute. */
function firing(forMs: number, ...samples: readonly (Sample | undefined)[]): readonly number[] {
  const column = samples.flatMap((sample) => [sample, ...Array.from({ length: phases - 1 }, () => undefined)])
  const columns = new Map([['spire_svid_expiry_seconds{pod="web"}', column]])
  const line = { scene: { fromMs: 0, toMs: samples.length * intervalMs }, intervalMs, columns }
  return firingsOf({ alertname: 'Soon', seconds: 100, forMs }, [line]).map(({ atMs }) => atMs / intervalMs)
}

const gap = Array.from({ length: 6 }, () => undefined)

test.each([
  ['below the threshold', 0, [120, 99, 98], [1]],
  ['once it has held for as long as it must', 120_000, [99, 98, 97, 96], [2]],
  ['over a gap that Prometheus does not notice', 0, [99, undefined, 98], [0]],
  ['again after a longer gap', 0, [99, ...gap, 98], [0, 7]],
  ['again after the series ended', 0, [99, 'stale', 98], [0, 2]],
  ['again for the next SVID', 0, [50, 99, 98], [0, 1]],
] as const)('fires %s', (_, forMs, samples, expected) => {
  expect(firing(forMs, ...samples)).toEqual(expected)
})
