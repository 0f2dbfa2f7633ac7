import { describe, expect, it, onTestFinished } from 'vitest'
import { Schedule } from '../../../../src/sources/servedSvids/schedule.ts'
import { ManualClock } from '../../../support/manualClock.ts'

const intervalMs = 60_000

/** A clock whose random numbers differ from call to call, the same in each run. */
class SpreadClock extends ManualClock {
  /** For how long the process was held up in all. */
  heldMs = 0
  #calls = 0

  override monotonicMs(): number {
    return super.monotonicMs() + this.heldMs
  }

  override random(): number {
    this.#calls += 1
    return (this.#calls * 0.618033988749895) % 1
  }
}

/** A schedule that notes when each item is worked on. `workMs` says how long each run takes. */
class Worked {
  readonly clock = new SpreadClock()
  readonly begun: { readonly item: string; readonly atMs: number }[] = []
  underWay = 0
  mostUnderWay = 0
  readonly schedule: Schedule<string>

  constructor(workMs: (item: string) => number = () => 0, atOnce = 256, youngAtOnce = atOnce) {
    const work = async (item: string) => {
      this.begun.push({ item, atMs: this.clock.monotonicMs() })
      this.underWay += 1
      this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
      await this.clock.sleep(workMs(item))
      this.underWay -= 1
    }
    this.schedule = new Schedule({ clock: this.clock, intervalMs, slowMs: 2_500, atOnce, youngAtOnce, work })
    const stopped = new AbortController()
    onTestFinished(() => stopped.abort())
    void this.schedule.run(stopped.signal)
  }

  add(count: number): void {
    for (let index = 0; index < count; index += 1) this.schedule.add(`item-${index}`)
  }

  timesOf(name: string): readonly number[] {
    return this.begun.filter(({ item }) => item === name).map(({ atMs }) => atMs)
  }
}

describe('a schedule', () => {
  it('works on a new item within a tenth of the interval, and then once in each interval', async () => {
    const worked = new Worked()
    await worked.clock.advance(3_600_000)
    worked.add(1)
    await worked.clock.advance(10 * intervalMs)
    const times = worked.timesOf('item-0')
    expect(times[0]).toBeLessThanOrEqual(3_600_000 + intervalMs / 10 + 200)
    expect(times.length).toBeGreaterThanOrEqual(9)
    for (const [index, atMs] of times.slice(1).entries()) {
      expect(Math.abs(atMs - (times[index] ?? 0) - intervalMs)).toBeLessThanOrEqual(0.05 * intervalMs + 200)
    }
  })

  it('spreads 2,000 items that come at once, and works on each once in the interval', async () => {
    const worked = new Worked()
    worked.add(2_000)
    await worked.clock.advance(intervalMs)
    const inSeconds = Map.groupBy(worked.begun, ({ atMs }) => Math.floor(atMs / 1000))
    const busiest = Math.max(...[...inSeconds.values()].map(({ length }) => length))
    expect(busiest).toBeLessThanOrEqual(200)
    expect(new Set(worked.begun.map(({ item }) => item)).size).toBe(2_000)
  })

  it('works on a limited number at once, and lets none wait for ever', async () => {
    const worked = new Worked((item) => (item === 'item-0' ? 5_000 : 2_000), 10)
    worked.add(100)
    await worked.clock.advance(2 * intervalMs)
    expect(worked.mostUnderWay).toBe(10)
    expect(new Set(worked.begun.map(({ item }) => item)).size).toBe(100)
  })

  it('catches up in small steps with what was due while the process was held up', async () => {
    const worked = new Worked(() => 20, 256, 32)
    worked.add(5_000)
    await worked.clock.advance(2 * intervalMs)
    worked.clock.heldMs = 5_000
    await worked.clock.advance(intervalMs)
    expect(worked.mostUnderWay).toBe(32)
    expect(worked.begun.length).toBeGreaterThanOrEqual(2.5 * 5_000)
  })

  it('does not wait for runs that take long before it begins others', async () => {
    const worked = new Worked(() => 5_000, 256, 32)
    worked.add(2_000)
    await worked.clock.advance(5 * intervalMs)
    expect(worked.mostUnderWay).toBe(128)
    expect(new Set(worked.begun.map(({ item }) => item)).size).toBe(2_000)
  })

  it('begins no run of an item while its last one goes on', async () => {
    const worked = new Worked(() => 2.5 * intervalMs)
    worked.add(1)
    await worked.clock.advance(10 * intervalMs)
    const times = worked.timesOf('item-0')
    expect(times).toHaveLength(4)
    for (const [index, atMs] of times.slice(1).entries())
      expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(2.5 * intervalMs)
  })

  it('forgets an item that is removed, also during its run, and takes it again', async () => {
    const worked = new Worked(() => 5_000)
    worked.add(2)
    await worked.clock.advance(intervalMs / 10 + 1000)
    worked.schedule.remove('item-0')
    worked.schedule.remove('item-1')
    await worked.clock.advance(3 * intervalMs)
    expect(worked.begun).toHaveLength(2)
    worked.add(1)
    await worked.clock.advance(intervalMs)
    expect(worked.timesOf('item-0')).toHaveLength(2)
    expect(worked.timesOf('item-1')).toHaveLength(1)
  })

  it('keeps the interval of 100 items beside 4,000 of which each run takes its whole time', async () => {
    const worked = new Worked((item) => (item.startsWith('silent') ? 5_000 : 20))
    worked.add(100)
    await worked.clock.advance(intervalMs)
    for (let index = 0; index < 4_000; index += 1) worked.schedule.add(`silent-${index}`)
    await worked.clock.advance(10 * intervalMs)
    for (let index = 0; index < 100; index += 1) {
      const times = worked.timesOf(`item-${index}`)
      const gaps = times.slice(1).map((atMs, before) => atMs - (times[before] ?? 0))
      expect(gaps.length).toBeGreaterThanOrEqual(9)
      expect(Math.max(...gaps)).toBeLessThanOrEqual(1.05 * intervalMs + 400)
    }
    expect(new Set(worked.begun.map(({ item }) => item)).size).toBe(4_100)
    expect(worked.mostUnderWay).toBeLessThanOrEqual(256)
  })

  it('works on new items before those that are slow', async () => {
    const worked = new Worked((item) => (item.startsWith('silent') ? 5_000 : 20))
    for (let index = 0; index < 4_000; index += 1) worked.schedule.add(`silent-${index}`)
    await worked.clock.advance(5 * intervalMs)
    worked.add(1)
    await worked.clock.advance(intervalMs / 10 + 6_000)
    expect(worked.timesOf('item-0')).toHaveLength(1)
  })

  it('takes a new item as soon as ever, though others come and go without end', async () => {
    const worked = new Worked()
    for (let turn = 0; turn < 1_500; turn += 1) {
      for (let port = 0; port < 8; port += 1) {
        worked.schedule.remove(`changing-${turn - 1}-${port}`)
        worked.schedule.add(`changing-${turn}-${port}`)
      }
      await worked.clock.advance(20)
    }
    worked.add(1)
    await worked.clock.advance(intervalMs / 10 + 400)
    expect(worked.timesOf('item-0')).toHaveLength(1)
  })
})
