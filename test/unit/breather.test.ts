import { expect, test } from 'vitest'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { ManualClock } from '../support/manualClock.ts'
import { event, listAt, reflectScript } from '../support/scriptedReflector.ts'

/** A clock of a process that works: time passes with the work, and it notes after how much work something gave way. */
class WorkingClock extends ManualClock {
  workedMs = 0
  readonly gaveWayAtMs: number[] = []

  override monotonicMs(): number {
    return super.monotonicMs() + this.workedMs
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 0) this.gaveWayAtMs.push(this.workedMs)
    return super.sleep(ms, signal)
  }
}

const events = Array.from({ length: 10 }, (_, index) => event('ADDED', `item-${index}`, String(index + 1)))
const noStream = new KubernetesError('protocol', 'sendInitialEvents is forbidden for watch', { status: 422 })
const page = { metadata: { resourceVersion: '20' }, items: events.map(({ object }) => object) }

test.each([
  { what: 'a list in pages', steps: [noStream, { answer: page }] },
  { what: 'a list that streams', steps: [listAt('20', ...events)] },
  { what: 'a watch', steps: [listAt('0'), { lines: events }] },
])('$what gives way to other work after each 10 ms', async ({ steps }) => {
  const clock = new WorkingClock()
  const { recorder } = reflectScript(steps, undefined, clock)
  const deliver = recorder.object.bind(recorder)
  recorder.object = (seen) => {
    clock.workedMs += 4
    deliver(seen)
  }
  await clock.advance(0)
  expect(clock.gaveWayAtMs).toEqual([12, 24, 36])
  expect(recorder.known).toHaveLength(events.length)
})
