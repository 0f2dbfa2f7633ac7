import { describe, expect, test } from 'vitest'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { bookmark, event, listAt, reflectScript, refused } from '../../support/scriptedReflector.ts'

const minuteMs = 60_000

const expired = new KubernetesError('expired', 'too old', { status: 410 })

describe('attempts', () => {
  test('come at exact times while the API server is away, and say when the next one follows', async () => {
    const { clock, recorder, times } = reflectScript([refused, refused, refused, refused])
    await clock.advance(minuteMs)
    expect(times()).toEqual([0, 375, 1125, 2625, 5625])
    expect(recorder.troubles.map(({ retryInMs }) => retryInMs)).toEqual([375, 750, 1500, 3000])
    expect(recorder.count('listing')).toBe(1)
  })

  test('never end, at most 30 s apart', async () => {
    const { clock, times } = reflectScript(Array.from({ length: 1000 }, () => refused))
    await clock.advance(60 * minuteMs)
    const gaps = times().map((atMs, index, all) => atMs - (all[index - 1] ?? 0))
    expect(times().length).toBeGreaterThan(100)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000)
  })

  test('begin with short waits again after a watch that has lived', async () => {
    const broken = { lines: [], openMs: 5000, error: refused }
    const { clock, recorder } = reflectScript([refused, refused, listAt('5'), broken, broken])
    await clock.advance(minuteMs)
    expect(recorder.troubles.map(({ retryInMs }) => retryInMs)).toEqual([375, 750, 375, 375])
  })

  test('begin with short waits again although the clock of the machine was set back during the watch', async () => {
    const broken = { lines: [], openMs: 5000, error: refused }
    const { clock, recorder } = reflectScript([refused, refused, listAt('5'), broken])
    await clock.advance(1200)
    clock.setBack(60 * minuteMs)
    await clock.advance(minuteMs)
    expect(recorder.troubles.map(({ retryInMs }) => retryInMs)).toEqual([375, 750, 375])
  })

  test('grow further apart where watches begin and break at once', async () => {
    const broken = { lines: [], openMs: 0, error: refused }
    const { clock, recorder } = reflectScript([listAt('5'), broken, broken, broken])
    await clock.advance(minuteMs)
    expect(recorder.troubles.map(({ retryInMs }) => retryInMs)).toEqual([375, 750, 1500])
  })

  test('grow further apart where every list is followed by forgotten history', async () => {
    const { clock, times, recorder } = reflectScript([listAt('5'), expired, listAt('6'), expired, listAt('7')])
    await clock.advance(minuteMs)
    expect(times()).toEqual([0, 0, 375, 375, 1125, 1125])
    expect(recorder.count('listed')).toBe(3)
  })

  test.each([
    {
      when: 'a watch that has lived',
      steps: [listAt('5'), { lines: [], openMs: 5000, error: refused }],
      resumeFrom: undefined,
    },
    { when: 'the start', steps: [listAt('5')], resumeFrom: '4' },
  ])('list soon where history since $when is forgotten at the end of an outage', async ({ steps, resumeFrom }) => {
    const outage = [refused, refused, refused, refused, refused]
    const { clock, recorder } = reflectScript([...steps, ...outage, expired, listAt('9')], { resumeFrom })
    await clock.advance(minuteMs)
    expect(recorder.troubles.map(({ code, retryInMs }) => [code, retryInMs]).slice(-2)).toEqual([
      ['unreachable', expect.any(Number)],
      ['expired', 375],
    ])
    expect(recorder.count('listed')).toBe(2)
  })
})

describe('a watch', () => {
  test('that ends after its time is followed at once, from the last version, and is no trouble', async () => {
    const lines = [event('ADDED', 'a', '7'), ...['8', '9', '10', '11', '12', '13'].map((version) => bookmark(version))]
    const { clock, recorder, queries, times } = reflectScript([
      listAt('5'),
      { lines, everyMs: minuteMs, openMs: 30_000 },
    ])
    await clock.advance(450_000)
    expect(queries().map(({ resourceVersion }) => resourceVersion)).toEqual([undefined, '5', '13'])
    expect(times()).toEqual([0, 0, 450_000])
    expect(recorder.troubles).toEqual([])
  })

  test('that ends at once is not asked for in a tight loop', async () => {
    const ended = { lines: [], openMs: 0 }
    const { clock, times, recorder } = reflectScript([listAt('5'), ended, ended, ended])
    await clock.advance(minuteMs)
    expect(times()).toEqual([0, 0, 375, 1125, 2625])
    expect(recorder.troubles).toEqual([])
  })

  test.each([
    { random: 0, seconds: '300' },
    { random: 0.5, seconds: '450' },
    { random: 0.9999, seconds: '600' },
  ])('is asked for 5 to 10 minutes ($seconds s)', async ({ random, seconds }) => {
    const { clock, queries } = reflectScript([listAt('5')])
    clock.randomValue = random
    await clock.advance(0)
    expect(queries().at(-1)).toMatchObject({ watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: seconds })
  })

  test.each([
    { random: 0, silentMs: 120_000 },
    { random: 0.5, silentMs: 150_000 },
    { random: 0.9999, silentMs: 179_994 },
  ])('without a line for 2 to 3 minutes ($silentMs ms) is dead: it is resumed without a list', async (given) => {
    const { clock, recorder, queries, times } = reflectScript([
      listAt('5'),
      { lines: [bookmark('9')], everyMs: minuteMs },
    ])
    clock.randomValue = given.random
    await clock.advance(minuteMs + given.silentMs)
    expect(queries().map(({ resourceVersion }) => resourceVersion)).toEqual([undefined, '5', '9'])
    expect(times()).toEqual([0, 0, minuteMs + given.silentMs])
    expect(recorder.log).toEqual(['listing', 'listed', 'contact'])
  })

  test('that is short is dead 30 s after its end', async () => {
    const { clock, times, queries } = reflectScript([listAt('5')], { longestWatchS: () => 30 })
    await clock.advance(minuteMs)
    expect(queries().at(1)).toMatchObject({ timeoutSeconds: '23' })
    expect(times()).toEqual([0, 0, 53_000])
  })

  test('that is dead while the API server is away is trouble once it cannot be resumed', async () => {
    const { clock, recorder } = reflectScript([listAt('5'), { lines: [] }, refused])
    await clock.advance(150_000)
    expect(recorder.log).toEqual(['listing', 'listed', 'contact', 'trouble unreachable'])
    await clock.advance(minuteMs)
    expect(recorder.log.slice(3)).toEqual(['trouble unreachable', 'contact'])
    expect(recorder.count('listing')).toBe(1)
  })

  test.each([
    {
      what: 'an ERROR event',
      line: { type: 'ERROR', object: { code: 500, message: 'no leader' } },
      code: 'server_error',
    },
    { what: 'an ERROR event without a code', line: { type: 'ERROR' }, code: 'server_error' },
    { what: 'a line that is not JSON', line: '{"type":"ADD', code: 'protocol' },
    { what: 'JSON that is no object', line: '[]', code: 'protocol' },
  ])('with $what goes on from the last version', async ({ line, code }) => {
    const { clock, recorder, queries } = reflectScript([listAt('5'), { lines: [event('ADDED', 'a', '7'), line] }])
    await clock.advance(1000)
    expect(recorder.log).toEqual(['listing', 'listed', 'contact', 'added a=1', `trouble ${code}`, 'contact'])
    expect(queries().at(-1)?.resourceVersion).toBe('7')
  })

  test('goes on over events that make no sense, and rejects them', async () => {
    const lines = [
      event('RENAMED', 'a', '6'),
      { type: 'ADDED', object: { metadata: { name: 'b' } } },
      { type: 'DELETED', object: { metadata: { name: 'c', resourceVersion: '7' } } },
      { type: 'MODIFIED', object: null },
      {},
      event('ADDED', 'd', '8'),
    ]
    const { clock, recorder } = reflectScript([listAt('5'), { lines }])
    await clock.advance(0)
    expect(recorder.log.slice(3)).toEqual([
      'rejected a',
      'rejected b',
      'rejected c',
      'rejected ',
      'rejected ',
      'added d=1',
    ])
  })
})

describe('evidence', () => {
  /** Returns when there was contact, in ms after the start. */
  async function contactTimes(steps: Parameters<typeof reflectScript>[0], untilMs: number) {
    const times: number[] = []
    const { clock, recorder } = reflectScript(steps)
    recorder.contact = () => times.push(clock.monotonicMs())
    await clock.advance(untilMs)
    return times
  }

  test('is the list, the watch that has caught up, and each line, but never silence', async () => {
    const lines = [bookmark('6'), event('ADDED', 'a', '7'), event('RENAMED', 'a', '8')]
    const times = await contactTimes([listAt('5'), { lines, everyMs: minuteMs }], 5 * minuteMs)
    expect(times).toEqual([0, 250, minuteMs, 2 * minuteMs, 3 * minuteMs])
  })

  test('comes each time that an API server without bookmarks answers a watch', async () => {
    const times = await contactTimes([listAt('5')], 6 * minuteMs)
    expect(times).toEqual([0, 250, 150_250, 300_250])
  })

  test('is no answer whose changes have not come yet', async () => {
    const lines = ['6', '7', '8', '9'].map((version) => event('MODIFIED', 'a', version))
    const times = await contactTimes([listAt('5'), { lines, everyMs: 200 }], minuteMs)
    expect(times).toEqual([0, 1050])
  })

  test('is a bookmark after them, or 5 s of changes without a pause', async () => {
    const changes = Array.from({ length: 30 }, (_, index) => event('MODIFIED', 'a', String(6 + index)))
    expect(await contactTimes([listAt('5'), { lines: changes, everyMs: 200 }], 5100)).toEqual([0, 5000])
    const marked = [...changes.slice(0, 2), bookmark('9')]
    expect(await contactTimes([listAt('5'), { lines: marked, everyMs: 200 }], minuteMs)).toEqual([0, 600])
  })
})

test('a fault of the handler is reported, and the reflector goes on', async () => {
  const { clock, recorder } = reflectScript([
    listAt('5'),
    { lines: [event('ADDED', 'a', '7'), event('ADDED', 'b', '8')] },
  ])
  recorder.object = () => {
    throw new Error('no such workload')
  }
  await clock.advance(0)
  expect(recorder.troubles).toEqual([{ code: 'internal', message: 'no such workload', retryInMs: 375 }])
})

test.each([
  { during: 'a watch', steps: [listAt('5')] },
  { during: 'a list', steps: [{ lines: [] }] },
  { during: 'a wait', steps: [refused] },
])('the end during $during is no trouble and needs no time', async ({ steps }) => {
  const { clock, recorder, end, run } = reflectScript(steps)
  await clock.advance(0)
  const before = recorder.log.length
  end.abort()
  await run
  expect(recorder.log).toHaveLength(before)
})
