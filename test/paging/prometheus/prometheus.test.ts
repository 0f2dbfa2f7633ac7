import { expect, test } from 'vitest'
import { World } from '../world/world.ts'
import { Prometheus, type Target } from './prometheus.ts'

const intervalMs = 60_000

/** When the series of a target end that is removed at `removedMs` and scraped at this moment of each interval, ms. */
async function endOf(phase: number, removedMs: number): Promise<number> {
  const target: Target = { instance: 'a:9797', phase, process: undefined, reached: 'yes', removedMs }
  const prometheus = new Prometheus({ world: new World(0), targets: [target], intervalMs, isWanted: () => true })
  const { columns } = await prometheus.watch({ fromMs: 0, toMs: 10 * intervalMs })
  const [up = []] = columns.values()
  expect(up.filter((sample) => sample === 'stale')).toHaveLength(1)
  return (up.indexOf('stale') * intervalMs) / 3
}

test.each([
  ['just before its scrape', 0, 119_000, 200_000],
  ['just after its scrape', 0, 121_000, 260_000],
  ['just before its scrape, later in the interval', 2, 99_000, 180_000],
  ['just after its scrape, later in the interval', 2, 101_000, 240_000],
])('ends the series of a target that is removed %s', async (_, phase, removedMs, endedMs) => {
  expect(await endOf(phase, removedMs)).toBe(endedMs)
})
