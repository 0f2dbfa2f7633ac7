import { expect, test } from 'vitest'
import { inSlices } from '../../src/breather.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { event, listAt, reflectScript } from '../support/scriptedReflector.ts'
import { WorkingClock } from '../support/workingClock.ts'

const events = Array.from({ length: 10 }, (_, index) => event('ADDED', `item-${index}`, String(index + 1)))
const noStream = new KubernetesError('protocol', 'sendInitialEvents is forbidden for watch', { status: 422 })
const page = { metadata: { resourceVersion: '20' }, items: events.map(({ object }) => object) }

test.each([
  { what: 'a list in pages', steps: [noStream, { answer: page }] },
  { what: 'a list that streams', steps: [listAt('20', ...events)] },
  { what: 'a watch', steps: [listAt('0'), { lines: events }] },
])('$what gives way to other work after each 4 ms', async ({ steps }) => {
  const othersRanAtMs: number[] = []
  const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs))
  const { recorder } = reflectScript(steps, {}, clock)
  const deliver = recorder.object.bind(recorder)
  recorder.object = (seen) => {
    clock.workedMs += 3
    deliver(seen)
  }
  await clock.advance(0)
  expect(othersRanAtMs).toEqual([6, 12, 18, 24, 30, 30])
  expect(recorder.known).toHaveLength(events.length)
})

/** Work in ten steps of which each takes `stepMs`. */
function* steps(clock: WorkingClock, stepMs: number): Generator<undefined, string> {
  for (let step = 0; step < 10; step += 1) {
    clock.workedMs += stepMs
    yield
  }
  return 'done'
}

test.each([
  { stepMs: 1, at: [4, 8, 10] },
  { stepMs: 3, at: [6, 12, 18, 24, 30, 30] },
  { stepMs: 25, at: [25, 50, 75, 100, 125, 150, 175, 200, 225, 250, 250] },
  { stepMs: 0, at: [0] },
])('work in slices gives way after each 4 ms, where it may be interrupted: $stepMs ms', async ({ stepMs, at }) => {
  const othersRanAtMs: number[] = []
  const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs))
  const result = inSlices(clock, steps(clock, stepMs))
  await clock.advance(0)
  expect(await result).toBe('done')
  expect(othersRanAtMs).toEqual(at)
})

test('work in slices waits until other work has run', async () => {
  const clock = new WorkingClock(() => undefined)
  let isDone = false
  void inSlices(clock, steps(clock, 3)).then(() => (isDone = true))
  // No promise alone lets it go on: only the clock does.
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
  expect([isDone, clock.workedMs]).toEqual([false, 6])
  await clock.advance(0)
  expect([isDone, clock.workedMs]).toEqual([true, 30])
})

test.each([
  ['at once', 0],
  ['after a pause', 4],
])('what work in slices throws %s passes through', async (_, stepMs) => {
  const clock = new WorkingClock(() => undefined)
  const failing = (function* () {
    yield* steps(clock, stepMs)
    throw new Error('no more today')
  })()
  const failed = expect(inSlices(clock, failing)).rejects.toThrow('no more today')
  await clock.advance(0)
  await failed
})

test('works that run at the same time share each stretch, and take turns', async () => {
  const order: string[] = []
  const othersRanAtMs: number[] = []
  const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs))
  function* named(name: string): Generator<undefined, void> {
    for (const step of steps(clock, 3)) {
      order.push(name)
      yield step
    }
  }
  const all = Promise.all(['a', 'b', 'c'].map((name) => inSlices(clock, named(name))))
  await clock.advance(0)
  await all
  // All begin at once. From then on nobody has two stretches while another waits.
  expect(order.slice(0, 10).join('')).toBe('abcabbccaa')
  const stretches = othersRanAtMs.map((atMs, index) => atMs - (othersRanAtMs[index - 1] ?? 0))
  expect(Math.max(...stretches.slice(1))).toBe(6)
})

test('work that begins when its turn of the event loop has had its stretch waits for the next turn', async () => {
  const othersRanAtMs: number[] = []
  const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs))
  function* threeMs(): Generator<undefined, void> {
    clock.workedMs += 3
    yield
  }
  const answer = async () => {
    await inSlices(clock, threeMs())
    clock.workedMs += 3
  }
  const all = answer().then(answer).then(answer)
  await clock.advance(0)
  await all
  expect(othersRanAtMs).toEqual([6, 12, 18])
})

test.each([
  { floodMs: 20, stretches: [4, 4, 2] },
  { floodMs: 21, stretches: [4, 6] },
])(
  'work in slices gets as much time as a flood of other work: $floodMs ms in each turn',
  async ({ floodMs, stretches }) => {
    const workedMs: number[] = []
    let othersMs = 0
    const clock = new WorkingClock(() => {
      workedMs.push(clock.workedMs - othersMs)
      clock.workedMs += floodMs
      othersMs += floodMs
    })
    const result = inSlices(clock, steps(clock, 1))
    await clock.advance(0)
    expect(await result).toBe('done')
    expect(workedMs.map((ms, turn) => ms - (workedMs[turn - 1] ?? 0))).toEqual(stretches)
  },
)

test('a machine that runs something else in between is no flood', async () => {
  const workedMs: number[] = []
  const clock = new WorkingClock(() => {
    workedMs.push(clock.workedMs)
    clock.heldUpMs += 40
  })
  const result = inSlices(clock, steps(clock, 1))
  await clock.advance(0)
  expect(await result).toBe('done')
  expect(workedMs).toEqual([4, 8, 10])
})
