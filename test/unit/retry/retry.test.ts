import { expect, onTestFinished, test } from 'vitest'
import { retry, type RetryOptions } from '../../../src/retry/retry.ts'
import { ManualClock } from '../../support/manualClock.ts'

const minuteMs = 60_000

/** How one attempt goes: it lives for so long, and then ends or fails. */
interface Step {
  readonly livesMs?: number
  readonly error?: Error
  readonly result?: string
}

/** Attempts that go by a script, and when each began. */
function scripted(steps: readonly Step[], options: Partial<RetryOptions<string>> = {}) {
  const clock = new ManualClock()
  const end = new AbortController()
  onTestFinished(() => end.abort())
  const times: number[] = []
  const failures: (readonly [string, number])[] = []
  const left = [...steps]
  const run = retry<string>({
    clock,
    signal: end.signal,
    steadyMs: 1000,
    attempt: async (life) => {
      times.push(clock.monotonicMs())
      const { livesMs, error, result } = left.shift() ?? { livesMs: Infinity }
      if (livesMs !== undefined) {
        life.begun()
        await clock.sleep(livesMs, end.signal)
      }
      if (error !== undefined) throw error
      return result
    },
    failed: (thrown, retryInMs) => {
      failures.push([(thrown as Error).message, retryInMs])
      return undefined
    },
    ...options,
  })
  return { clock, run, end, times, failures }
}

const refused: Step = { error: new Error('refused') }

test('failures are told with the wait before the next attempt, until there is a result', async () => {
  const { clock, run, times, failures } = scripted([refused, refused, { result: 'answer' }])
  await clock.advance(minuteMs)
  expect(await run).toBe('answer')
  expect(times).toEqual([0, 375, 1125])
  expect(failures).toEqual([
    ['refused', 375],
    ['refused', 750],
  ])
})

test('a failure may be the result', async () => {
  const { clock, run, times } = scripted([refused, refused], { failed: () => 'none' })
  await clock.advance(minuteMs)
  expect(await run).toBe('none')
  expect(times).toEqual([0])
})

test('after an attempt that has lived, the next one begins at once where it ended, and soon where it failed', async () => {
  const broken = { livesMs: 1000, error: new Error('broken') }
  const { clock, times, failures } = scripted([refused, refused, { livesMs: 1000 }, broken, refused])
  await clock.advance(minuteMs)
  expect(times).toEqual([0, 375, 1125, 2125, 3500, 4250])
  expect(failures.slice(2)).toEqual([
    ['broken', 375],
    ['refused', 750],
  ])
})

test('an attempt that ends too soon is waited after, and is no failure', async () => {
  const { clock, times, failures } = scripted([{ livesMs: 999 }, { livesMs: 999 }, {}])
  await clock.advance(minuteMs)
  expect(times).toEqual([0, 999 + 375, 2 * 999 + 1125, 2 * 999 + 2625])
  expect(failures).toEqual([])
})

test('a failure may have a wait of its own, or be the first one whatever was before it', async () => {
  const waits = [{}, {}, { isFirst: true }, { retryAfterMs: 7000 }]
  const { clock, failures } = scripted([refused, refused, refused, refused], { waitAfter: () => waits.shift() ?? {} })
  await clock.advance(minuteMs)
  expect(failures.map(([, retryInMs]) => retryInMs)).toEqual([375, 750, 375, 7000])
})

test.each<[string, Step]>([
  ['an attempt', { livesMs: Infinity, error: new Error('aborted') }],
  ['a wait', refused],
])('the end during %s needs no time and tells nothing', async (_, step) => {
  const { clock, run, end, failures } = scripted([step])
  await clock.advance(0)
  const told = failures.length
  end.abort()
  expect(await run).toBeUndefined()
  expect(failures).toHaveLength(told)
})
