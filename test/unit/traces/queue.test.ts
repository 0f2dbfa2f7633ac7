import { describe, expect, it } from 'vitest'
import { SpanQueue, spanOutcomes, type SpanOutcome } from '../../../src/traces/queue.ts'
import type { SpanGroup } from '../../../src/traces/spans.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { spanGroup } from '../../support/spanGroups.ts'

function startQueue(maxSpans: number, isSampled: (group: SpanGroup) => boolean = () => true) {
  const clock = new ManualClock()
  const lost: string[] = []
  const queue = new SpanQueue({ clock, maxSpans, isSampled, lost: ({ spans }) => lost.push(spans[0]?.traceId ?? '') })
  /** The outcomes that are not zero. */
  const outcomes = () => Object.fromEntries(Object.entries(queue.outcomes).filter(([, count]) => count > 0))
  const offer = (...names: readonly string[]) => names.map((name) => queue.offer(spanGroup(name, { clock })))
  const names = (groups: readonly SpanGroup[]) => groups.map(({ spans }) => spans[0]?.traceId)
  return { clock, queue, lost, outcomes, offer, names }
}

describe('a queue of spans', () => {
  it('gives whole groups, the oldest first', () => {
    const { queue, offer, names } = startQueue(100)
    offer('a', 'b', 'c')
    expect(names(queue.take(9))).toEqual(['a', 'b'])
    expect(names(queue.take(1))).toEqual(['c'])
    expect(queue.take(9)).toEqual([])
  })

  it('counts what was sent, and what the collector has refused of it', () => {
    const { queue, offer, outcomes } = startQueue(100)
    offer('a', 'b', 'c')
    const first = queue.take(8)
    expect([queue.offered, queue.queued, outcomes()]).toEqual([12, 12, {}])
    queue.sent(first, 3)
    expect([queue.queued, outcomes()]).toEqual([4, { exported: 5, failed: 3 }])
    queue.refused(queue.take(8))
    expect([queue.queued, outcomes()]).toEqual([0, { exported: 5, failed: 7 }])
  })

  it('drops the oldest that wait when it is full, and tells of them', () => {
    const { queue, lost, offer, names, outcomes } = startQueue(10)
    expect(offer('a', 'b', 'c')).toEqual([true, true, true])
    expect([lost, outcomes(), queue.queued]).toEqual([['a'], { dropped: 4 }, 8])
    expect(names(queue.take(100))).toEqual(['b', 'c'])
  })

  it('drops what comes while it is full of what is on its way', () => {
    const { queue, lost, offer, outcomes } = startQueue(8)
    offer('a', 'b')
    const taken = queue.take(100)
    expect(offer('c')).toEqual([false])
    expect([lost, outcomes()]).toEqual([[], { dropped: 4 }])
    queue.sent(taken, 0)
    expect(offer('d')).toEqual([true])
  })

  it('sends what could not be sent again, first, as far as there is room', () => {
    const { queue, lost, offer, names, outcomes } = startQueue(8)
    offer('a', 'b')
    const taken = queue.take(4)
    offer('c')
    queue.putBack(taken)
    expect([queue.queued, lost]).toEqual([8, ['b']])
    expect(names(queue.take(100))).toEqual(['a', 'c'])
    expect(outcomes()).toEqual({ dropped: 4 })
  })

  it('lets nothing leave that ended more than a day ago', async () => {
    const { clock, queue, lost, offer, names, outcomes } = startQueue(100)
    offer('a')
    await clock.advance(24 * 3_600_000 + 1)
    offer('b')
    expect(names(queue.take(100))).toEqual(['b'])
    expect([lost, outcomes()]).toEqual([['a'], { too_old: 4 }])
  })

  it('leaves out what sampling leaves out, but no failure', () => {
    const { queue, lost, outcomes, clock } = startQueue(100, () => false)
    expect(queue.offer(spanGroup('a', { clock }))).toBe(false)
    expect(queue.offer(spanGroup('b', { clock, isFailure: true }))).toBe(true)
    expect([queue.queued, lost, outcomes()]).toEqual([4, [], { unsampled: 4 }])
  })

  it('counts what is left at the end as dropped', () => {
    const { queue, lost, offer, outcomes } = startQueue(100)
    offer('a')
    queue.close()
    expect([queue.queued, lost, outcomes()]).toEqual([0, ['a'], { dropped: 4 }])
  })

  it('loses no span from its counts, whatever happens', () => {
    const { clock, queue } = startQueue(50)
    const random = (below: number) => Math.floor(clock.random() * below)
    const total = () => Object.keys(spanOutcomes).reduce((sum, name) => sum + queue.outcomes[name as SpanOutcome], 0)
    let state = 7
    for (let step = 0; step < 5_000; step += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      clock.randomValue = state / 2_147_483_648
      for (let index = random(4); index > 0; index -= 1)
        queue.offer(spanGroup(`${step}-${index}`, { clock, size: 1 + random(6) }))
      const taken = queue.take(1 + random(30))
      const end = random(3)
      if (end === 0) queue.putBack(taken)
      else if (end === 1) queue.refused(taken)
      else queue.sent(taken, random(5))
      expect(queue.offered).toBe(total() + queue.queued)
      expect(queue.queued).toBeLessThanOrEqual(50)
    }
  })
})
