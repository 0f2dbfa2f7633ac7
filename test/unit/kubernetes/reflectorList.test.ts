import { describe, expect, test } from 'vitest'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import type { Step } from '../../support/scriptedClient.ts'
import { bookmark, event, listAt, reflectScript, refused } from '../../support/scriptedReflector.ts'

const minuteMs = 60_000

describe('the list', () => {
  const page = (resourceVersion: string, ...names: string[]): Step => ({
    answer: { metadata: { resourceVersion }, items: names.map((name) => event('', name, '3').object) },
  })
  const saysNo = (status: number, message: string) =>
    new KubernetesError(status === 403 ? 'forbidden' : 'protocol', message, { status })

  test.each([400, 403, 422])('that is refused as a stream (%i) comes in pages, from then on', async (status) => {
    const refusal = saysNo(status, 'sendInitialEvents is forbidden for watch')
    const expired = new KubernetesError('expired', 'too old', { status: 410 })
    const { clock, recorder, queries } = reflectScript([refusal, page('5', 'a'), expired, page('6', 'a')])
    await clock.advance(1000)
    expect(queries().filter(({ sendInitialEvents }) => sendInitialEvents !== undefined)).toHaveLength(1)
    expect(recorder.log).toEqual([
      ...['listing', 'listed a=1', 'listed', 'contact', 'trouble expired'],
      ...['listing', 'listed a=1', 'listed', 'contact'],
    ])
  })

  test.each([
    { what: 'a missing right', error: saysNo(403, 'User "x" cannot watch resource'), code: 'forbidden' },
    {
      what: 'a fault',
      error: new KubernetesError('server_error', 'cannot serve sendInitialEvents now', { status: 500 }),
      code: 'server_error',
    },
  ])('that fails for $what is tried as a stream again', async ({ error, code }) => {
    const { clock, recorder, queries } = reflectScript([error, listAt('5')])
    await clock.advance(1000)
    expect(recorder.log).toEqual([`trouble ${code}`, 'listing', 'listed', 'contact'])
    expect(queries().filter(({ sendInitialEvents }) => sendInitialEvents !== undefined)).toHaveLength(2)
  })

  test.each([
    { what: 'ends', stream: { lines: [event('ADDED', 'gone', '3')], openMs: 1000 } },
    { what: 'goes on', stream: { lines: [event('ADDED', 'gone', '3'), bookmark('4')] } },
    { what: 'falls silent', stream: { lines: [event('ADDED', 'gone', '3')] } },
  ])('whose stream $what without its mark comes in pages, from then on', async ({ stream }) => {
    const expired = new KubernetesError('expired', 'too old', { status: 410 })
    const { clock, recorder, queries } = reflectScript([stream, page('5', 'a'), expired, page('6', 'b')])
    await clock.advance(minuteMs + 1000)
    expect(recorder.known).toEqual(['b=1'])
    expect(recorder.log.slice(-9)).toEqual([
      ...['listing', 'listed a=1', 'listed', 'contact', 'trouble expired'],
      ...['listing', 'listed b=1', 'listed', 'contact'],
    ])
    expect(queries().filter(({ sendInitialEvents }) => sendInitialEvents !== undefined)).toHaveLength(1)
  })

  test('whose stream breaks off is tried as a stream again', async () => {
    const broken = { lines: [event('ADDED', 'a', '3')], openMs: 10, error: refused }
    const { clock, recorder, queries } = reflectScript([broken, listAt('5', event('ADDED', 'a', '3'))])
    await clock.advance(1000)
    expect(recorder.known).toEqual(['a=1'])
    expect(queries().filter(({ sendInitialEvents }) => sendInitialEvents !== undefined)).toHaveLength(2)
  })

  test('whose stream falls silent is given up in time where the clock of the machine is set back', async () => {
    const { clock, recorder } = reflectScript([{ lines: [event('ADDED', 'gone', '3')] }, page('5', 'a')])
    await clock.advance(minuteMs / 2)
    clock.setBack(60 * minuteMs)
    await clock.advance(minuteMs / 2)
    expect(recorder.known).toEqual(['a=1'])
  })

  test('may take as long as it likes while objects come', async () => {
    const names = ['a', 'b', 'c', 'd']
    const { clock, recorder } = reflectScript([
      { ...listAt('9', ...names.map((name, index) => event('ADDED', name, String(index + 3)))), everyMs: minuteMs / 2 },
    ])
    await clock.advance(3 * minuteMs)
    expect(recorder.log).toEqual(['listing', ...names.map((name) => `listed ${name}=1`), 'listed', 'contact'])
  })

  test('takes changes that come before its mark as part of it', async () => {
    const events = [
      event('ADDED', 'a', '3'),
      event('ADDED', 'b', '4'),
      event('MODIFIED', 'a', '5', '2'),
      event('DELETED', 'b', '6'),
    ]
    const { clock, recorder } = reflectScript([listAt('6', ...events)])
    await clock.advance(0)
    expect(recorder.log).toEqual([
      ...['listing', 'listed a=1', 'listed b=1', 'listed a=2', 'deleted b', 'listed', 'contact'],
    ])
  })

  test.each([
    { what: 'is no list', answer: { kind: 'Status' } },
    { what: 'has no version', answer: { metadata: {}, items: [] } },
    { what: 'is no object', answer: 'OK' },
  ])('whose page $what is tried again', async ({ answer }) => {
    const refusal = saysNo(422, 'sendInitialEvents is forbidden for watch')
    const { clock, recorder } = reflectScript([refusal, { answer }, page('5', 'a')])
    await clock.advance(1000)
    expect(recorder.log).toEqual(['trouble protocol', 'listing', 'listed a=1', 'listed', 'contact'])
  })
})

describe('the version to resume from', () => {
  test('outlives trouble before the first list, and after it', async () => {
    const { clock, queries } = reflectScript([refused, listAt('50'), refused], { resumeFrom: '40' })
    await clock.advance(minuteMs)
    expect(queries().map(({ resourceVersion }) => resourceVersion)).toEqual([undefined, undefined, '40', '40'])
  })

  test.each(['51', '100', '1000'])('is of no use where the list is older (%s)', async (resumeFrom) => {
    const { clock, queries } = reflectScript([listAt('50')], { resumeFrom })
    await clock.advance(0)
    expect(queries().at(-1)?.resourceVersion).toBe('50')
  })
})
