import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { PodEvents, type EventText } from '../../../src/kubernetes/podEvents.ts'
import { FaultyClient } from '../../support/faultyClient.ts'
import { startTestApi, type TestApi } from '../../support/testApi.ts'

const pod = { namespace: 'shop', name: 'web-1', uid: 'uid-1' }
const text: EventText = { type: 'Normal', reason: 'Restarted', action: 'Evict', note: 'the mount is dead' }
const { signal } = new AbortController()

let api: TestApi
let client: FaultyClient
let events: PodEvents
let problems: string[]

beforeEach(async () => {
  api = await startTestApi()
  const real = createClientFromText(api.server.kubeconfig, api.clock)
  client = new FaultyClient(real, api.clock)
  problems = []
  events = new PodEvents({
    ...{ clock: api.clock, client, controller: 'svidwatch.io/watchdog', instance: 'svidwatch-0_1' },
    onProblem: (message) => problems.push(message),
  })
  onTestFinished(() => {
    real.close()
    return api.close()
  })
})

const written = () => api.store.list('events', 'shop')

describe('an Event', () => {
  test('is about the pod, and says what was done and why', async () => {
    await events.tell(pod, text, signal)
    expect(written()).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^web-1\.[-0-9a-f]+$/) as string, namespace: 'shop' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        ...text,
        regarding: { apiVersion: 'v1', kind: 'Pod', ...pod },
        reportingController: 'svidwatch.io/watchdog',
        reportingInstance: 'svidwatch-0_1',
      },
    ])
    expect(written()[0]).not.toHaveProperty('series')
    expect(problems).toEqual([])
  })

  test('of long texts is cut where the API server would refuse it', async () => {
    const long = { ...pod, name: `${'a'.repeat(199)}.${'b'.repeat(53)}` }
    await events.tell(long, { ...text, reason: 'R'.repeat(200), note: `${'x'.repeat(1020)}äöü` }, signal)
    expect(events.failures).toBe(0)
    const [event] = written()
    expect(event?.['note']).toBe(`${'x'.repeat(1020)}…`)
    expect(event?.metadata.name.length).toBeLessThanOrEqual(253)
  })

  test('that is told again is counted in a series: at once, and then once a minute', async () => {
    const tell = () => events.tell(pod, text, signal)
    await tell()
    await tell()
    expect(written()).toMatchObject([{ series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } }])
    for (let second = 0; second < 130; second += 1) {
      await api.clock.advance(1_000)
      await tell()
    }
    expect(written()).toMatchObject([{ series: { count: 122, lastObservedTime: '2026-01-01T00:02:00.000000Z' } }])
    expect(client.requests).toHaveLength(4)
  })

  test.each([
    ['another pod', { ...pod, uid: 'uid-2' }, text],
    ['another note', pod, { ...text, note: 'the mount is detached' }],
    ['another reason', pod, { ...text, reason: 'RestartHeld' }],
  ])('about %s is another one', async (_, otherPod, otherText) => {
    await events.tell(pod, text, signal)
    await events.tell(otherPod, otherText, signal)
    expect(written()).toHaveLength(2)
  })

  test('that the API server has forgotten is written anew', async () => {
    await events.tell(pod, text, signal)
    for (const { metadata } of written()) api.store.delete('events', 'shop', metadata.name)
    await events.tell(pod, text, signal)
    expect(written()).toHaveLength(1)
    await api.clock.advance(3_600_000)
    await events.tell(pod, text, signal)
    expect(written()).toHaveLength(2)
  })
})

describe('Events that cannot be written', () => {
  test('are counted, and said once', async () => {
    client.fault = () => ({ error: new KubernetesError('forbidden', 'no right', { status: 403 }) })
    for (let count = 0; count < 3; count += 1) await events.tell(pod, text, signal)
    expect([events.failures, problems]).toEqual([3, ['an Event cannot be written: no right']])
    client.fault = () => undefined
    await events.tell(pod, text, signal)
    expect(written()).toHaveLength(1)
  })

  test('are bounded in number and time', async () => {
    client.fault = () => 'unsent'
    const all = Array.from({ length: 150 }, (_, number) => events.tell(pod, { ...text, note: `${number}` }, signal))
    await api.clock.advance(5_000)
    expect(events.failures).toBe(51)
    await api.clock.advance(1_000_000)
    await Promise.all(all)
    expect(events.failures).toBe(150)
  })

  test('because the process ends are no failures', async () => {
    client.fault = () => 'unsent'
    const ended = new AbortController()
    const told = events.tell(pod, text, ended.signal)
    await api.clock.advance(0)
    ended.abort()
    await told
    expect([events.failures, problems]).toEqual([0, []])
  })
})
