import { describe, expect, it } from 'vitest'
import { SpanQueue } from '../../../src/traces/queue.ts'
import { Sender, type SendResult } from '../../../src/traces/sender.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { spanGroup } from '../../support/spanGroups.ts'

const sent: SendResult = { is: 'sent', refused: 0 }
const away: SendResult = { is: 'unreachable', detail: 'connection refused' }

/** A sender of batches of 8 spans, which is not running yet. `collector.answer` is what the collector answers next. */
function createSender() {
  const clock = new ManualClock()
  const troubles: (string | undefined)[] = []
  const received: string[][] = []
  const collector: { answer: () => Promise<SendResult> } = { answer: () => Promise.resolve(sent) }
  const queue = new SpanQueue({ clock, maxSpans: 100, isSampled: () => true, lost: () => undefined })
  const sender = new Sender({
    ...{ clock, queue, queueSpans: 100, batchSpans: 8, delayMs: 5_000, timeoutMs: 30_000 },
    send: (spans) => {
      received.push([...new Set(spans.map(({ traceId }) => traceId))])
      return collector.answer()
    },
    troubled: (detail) => troubles.push(detail),
  })
  const offer = (...names: readonly string[]) => {
    for (const name of names) queue.offer(spanGroup(name, { clock }))
    sender.wake()
  }
  return { clock, queue, sender, collector, troubles, received, offer }
}

function startSender() {
  const created = createSender()
  const stop = new AbortController()
  const running = created.sender.run(stop.signal)
  return { ...created, stop, running }
}

describe('spans', () => {
  it('are gathered for a while, and then sent', async () => {
    const { clock, queue, received, offer } = startSender()
    offer('a')
    await clock.advance(4_999)
    expect(received).toEqual([])
    await clock.advance(1)
    expect(received).toEqual([['a']])
    expect([queue.queued, queue.outcomes.exported]).toEqual([0, 4])
  })

  it('are sent at once when there is a batch of them', async () => {
    const { clock, received, offer } = startSender()
    await clock.advance(10)
    offer('a', 'b', 'c')
    await clock.advance(0)
    expect(received).toEqual([['a', 'b'], ['c']])
  })

  it('are sent again, after longer and longer waits, until the collector is back', async () => {
    const { clock, queue, collector, received, troubles, offer } = startSender()
    collector.answer = () => Promise.resolve(away)
    offer('a')
    await clock.advance(60_000)
    const tries = received.length
    expect(tries).toBeGreaterThan(4)
    expect(tries).toBeLessThan(10)
    expect([queue.queued, troubles]).toEqual([4, ['connection refused']])
    collector.answer = () => Promise.resolve(sent)
    await clock.advance(30_000)
    expect([queue.queued, queue.outcomes.exported]).toEqual([0, 4])
    expect(troubles).toEqual(['connection refused', undefined])
  })

  it('are not sent again if the collector refuses them, and cost the others nothing', async () => {
    const { clock, queue, collector, received, troubles, offer } = startSender()
    collector.answer = () => {
      collector.answer = () => Promise.resolve(sent)
      return Promise.resolve({ is: 'refused', detail: 'HTTP status 400 Bad Request' })
    }
    offer('a', 'b', 'c')
    await clock.advance(5_000)
    expect(received).toEqual([['a', 'b'], ['c']])
    expect([queue.outcomes.failed, queue.outcomes.exported]).toEqual([8, 4])
    expect(troubles).toEqual(['HTTP status 400 Bad Request', undefined])
  })

  it('are sent again if the collector hangs', async () => {
    const { clock, queue, collector, received, troubles, offer } = startSender()
    collector.answer = () => new Promise<SendResult>(() => undefined)
    offer('a')
    await clock.advance(34_999)
    expect([received, troubles]).toEqual([[['a']], []])
    collector.answer = () => Promise.resolve(sent)
    await clock.advance(1_001)
    expect([received, queue.outcomes.exported]).toEqual([[['a'], ['a']], 4])
    expect(troubles).toEqual(['no answer within 30000 ms', undefined])
  })

  it('wait in the queue when the sender is stopped while the collector hangs', async () => {
    const { clock, queue, collector, stop, running, troubles, offer } = startSender()
    collector.answer = () => new Promise<SendResult>(() => undefined)
    offer('a')
    await clock.advance(5_000)
    stop.abort()
    await running
    expect([queue.queued, queue.waiting]).toEqual([4, 4])
    // The collector was not given its time.
    expect(troubles).toEqual([])
  })

  it('are sent in a last attempt, which ends with its signal', async () => {
    const { queue, sender, collector, received, offer } = createSender()
    offer('a', 'b', 'c')
    expect(await sender.flush(new AbortController().signal)).toBe(true)
    expect([received, queue.queued]).toEqual([[['a', 'b'], ['c']], 0])
    collector.answer = () => new Promise<SendResult>(() => undefined)
    offer('d')
    expect(await sender.flush(AbortSignal.abort())).toBe(false)
    expect(queue.waiting).toBe(4)
  })
})
