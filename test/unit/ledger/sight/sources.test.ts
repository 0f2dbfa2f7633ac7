import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import { emptyMemory, type Memory } from '../../../../src/ledger/memory.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { TroubleReason } from '../../../../src/ledger/sight/reasons.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { memoryOf } from '../../../support/ledgerReading.ts'
import { epochMs } from '../../../support/observations.ts'
import { minute } from '../../../support/watchedLedger.ts'

const contact: Observation = { kind: 'contact', source: 'pods' }
const trouble = (reason: TroubleReason): Observation => ({ kind: 'trouble', source: 'pods', reason, detail: reason })

const ofRequests = { source: 'certificateRequests' } as const
const requestsSeen: Observation = { kind: 'contact', ...ofRequests }
const absent: Observation = { kind: 'absent', ...ofRequests, detail: 'not installed' }
const requestsLost: Observation = { kind: 'trouble', ...ofRequests, reason: 'unreachable', detail: 'refused' }

/** What is known of the source when it told this, and a minute passed after each. */
async function statusAfter(...observations: Observation[]) {
  const clock = new ManualClock()
  const ledger = new Ledger({ clock, sources: ['pods'], maxIssuers: 10 })
  for (const observation of observations) {
    ledger.report(observation)
    await clock.advance(minute)
  }
  const [status] = ledger.sources()
  const troubles = [...(status?.troubles ?? [])].filter(([, count]) => count > 0)
  const since = (ms: number | undefined) => (ms === undefined ? undefined : (ms - epochMs) / minute)
  return {
    concluded: status?.concluded,
    up: status?.up,
    lastContact: since(status?.lastContactMs),
    reason: status?.trouble?.reason,
    troubleSince: since(status?.trouble?.sinceMs),
    lost: since(status?.lostMs),
    troubles: Object.fromEntries(troubles),
  }
}

describe('a source', () => {
  it.each<[string, Observation[], Awaited<ReturnType<typeof statusAfter>>]>([
    [
      'that has not looked yet',
      [],
      {
        concluded: false,
        up: false,
        lastContact: undefined,
        reason: undefined,
        troubleSince: undefined,
        lost: undefined,
        troubles: {},
      },
    ],
    [
      'that sees its system saw it when it had the last evidence',
      [contact],
      {
        concluded: true,
        up: true,
        lastContact: 0,
        reason: undefined,
        troubleSince: undefined,
        lost: undefined,
        troubles: {},
      },
    ],
    [
      'that never saw its system',
      [trouble('forbidden')],
      {
        concluded: true,
        up: false,
        lastContact: undefined,
        reason: 'forbidden',
        troubleSince: 0,
        lost: 0,
        troubles: { forbidden: 1 },
      },
    ],
    [
      'in trouble time and again saw its system before the first, and every trouble counts',
      [contact, trouble('unreachable'), trouble('timeout'), trouble('timeout'), trouble('unreachable')],
      {
        concluded: true,
        up: false,
        lastContact: 0,
        reason: 'unreachable',
        troubleSince: 4,
        lost: 1,
        troubles: { unreachable: 2, timeout: 2 },
      },
    ],
    [
      'whose trouble stays the same is in it since it began',
      [contact, trouble('unreachable'), trouble('timeout'), trouble('timeout')],
      {
        concluded: true,
        up: false,
        lastContact: 0,
        reason: 'timeout',
        troubleSince: 2,
        lost: 1,
        troubles: { unreachable: 1, timeout: 2 },
      },
    ],
    [
      'that goes on seeing its system',
      [contact, contact],
      {
        concluded: true,
        up: true,
        lastContact: 1,
        reason: undefined,
        troubleSince: undefined,
        lost: undefined,
        troubles: {},
      },
    ],
    [
      'that is back',
      [contact, trouble('timeout'), contact],
      {
        concluded: true,
        up: true,
        lastContact: 2,
        reason: undefined,
        troubleSince: undefined,
        lost: undefined,
        troubles: { timeout: 1 },
      },
    ],
    [
      'in trouble anew is so since the last time',
      [trouble('timeout'), contact, trouble('throttled')],
      {
        concluded: true,
        up: false,
        lastContact: 1,
        reason: 'throttled',
        troubleSince: 2,
        lost: 2,
        troubles: { timeout: 1, throttled: 1 },
      },
    ],
  ])('%s', async (_, observations, expected) => {
    expect(await statusAfter(...observations)).toEqual(expected)
  })

  it('shows the last ten inputs that it refused, and each of them once, however often it comes', () => {
    const ledger = new Ledger({ clock: new ManualClock(), sources: ['pods'], maxIssuers: 10 })
    const refuse = (where: string) =>
      ledger.report({ kind: 'rejected', source: 'pods', reason: 'malformed_object', where, detail: 'no uid' })
    for (let number = 0; number < 12; number++) refuse(`pod ${number}`)
    for (let again = 0; again < 100; again++) refuse('pod 5')
    const [status] = ledger.sources()
    expect(status?.lastRejected.map(({ where }) => where)).toEqual(
      [2, 3, 4, 6, 7, 8, 9, 10, 11, 5].map((number) => `pod ${number}`),
    )
    expect(status?.rejections.get('malformed_object')).toBe(112)
  })
})

describe('a source whose CRD is not installed', () => {
  /** A ledger that was told this, with the memory of an earlier process, and what it says of the source. */
  function toldOf(observations: readonly Observation[], memory: Partial<Memory> = {}) {
    const clock = new ManualClock()
    const ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers: 10 })
    observations.forEach(ledger.report)
    ledger.restore({ ...emptyMemory, ...memory })
    const [status] = ledger.sources()
    return {
      state: status?.absent ? 'absent' : (status?.trouble?.reason ?? (status?.up ? 'up' : 'unknown')),
      concluded: status?.concluded,
      notFound: status?.troubles.get('not_found'),
      remembered: memoryOf(ledger).installed,
    }
  }
  const seen = ['certificateRequests'] as const

  it.each<[string, readonly Observation[], Partial<Memory>, string, readonly string[]]>([
    ['and never was is absent, which is no trouble', [absent, absent], {}, 'absent', []],
    ['after trouble that hid it is absent', [requestsLost, absent], {}, 'absent', []],
    ['is in trouble when the API server is gone', [absent, requestsLost], {}, 'unreachable', []],
    ['any more is in trouble', [requestsSeen, absent], {}, 'not_found', seen],
    ['is seen when it comes, and remembered', [absent, requestsSeen], {}, 'up', seen],
    [
      'but was before a restart is in trouble, also where that is known late',
      [absent],
      { installed: seen },
      'not_found',
      seen,
    ],
    ['has nothing to do with other sources that were seen', [absent], { installed: ['pods'] }, 'absent', []],
  ])('%s', (_, observations, memory, state, remembered) => {
    const told = toldOf(observations, memory)
    expect(told).toMatchObject({ state, concluded: true, remembered })
    expect(told.notFound).toBe(state === 'not_found' ? 1 : 0)
  })

  it('is forgotten when it is no longer watched', () => {
    const ledger = new Ledger({ clock: new ManualClock(), sources: ['pods'], maxIssuers: 10 })
    ledger.restore({ ...emptyMemory, installed: seen })
    expect(memoryOf(ledger).installed).toEqual([])
  })
})

describe('a source that watches namespaces one by one', () => {
  const inSpace = (namespace: string, observation: Observation): Observation =>
    ({ ...observation, namespace }) as Observation

  /** Reports the steps a minute apart. Returns the status of the source, and what followers of sight were told. */
  async function watched(...steps: readonly Observation[]) {
    const clock = new ManualClock()
    const ledger = new Ledger({ clock, sources: ['pods', 'nodeFindings'], maxIssuers: 10, namespaces: ['a', 'b', 'c'] })
    const told: string[] = []
    ledger.follow('sight', ({ name, is }) => told.push(`${name} ${is}`))
    for (const step of steps) {
      ledger.report(step)
      await clock.advance(minute)
    }
    const [status] = ledger.sources()
    return { status, told, troubles: [...(status?.troubles ?? [])].filter(([, count]) => count > 0) }
  }
  const all = ['a', 'b', 'c'].map((name) => inSpace(name, contact))

  it('has looked, and is up, once it has seen each', async () => {
    const { status } = await watched(...all.slice(0, 2))
    expect(status).toMatchObject({ concluded: false, up: false })
    const { status: later, told } = await watched(...all)
    expect(later).toMatchObject({ concluded: true, up: true, lastContactMs: epochMs })
    expect(told).toEqual(['pods in a seen', 'pods in b seen', 'pods in c seen'])
  })

  it('is blind while it is blind in one, for the reason there, and every trouble counts', async () => {
    const { status, told, troubles } = await watched(
      ...all,
      inSpace('b', trouble('forbidden')),
      inSpace('a', contact),
      inSpace('b', trouble('forbidden')),
    )
    expect(status).toMatchObject({ up: false, trouble: { reason: 'forbidden', sinceMs: epochMs + 3 * minute } })
    expect(troubles).toEqual([['forbidden', 2]])
    expect(told.slice(3)).toEqual(['pods in b lost'])
  })

  it('tells the trouble that began first, and how many more namespaces have some', async () => {
    const steps = [...all, inSpace('c', trouble('timeout')), inSpace('b', trouble('forbidden'))]
    const { status } = await watched(...steps)
    const detail = 'timeout; 1 more of 3 namespaces cannot be seen'
    expect(status?.trouble).toEqual({ reason: 'timeout', detail, sinceMs: epochMs + 3 * minute })
    const { status: later } = await watched(...steps, inSpace('c', contact))
    expect(later?.trouble).toMatchObject({ reason: 'forbidden', detail: 'forbidden' })
    expect((await watched(...steps, inSpace('c', contact), inSpace('b', contact))).status?.up).toBe(true)
  })

  it('was lost when the first of those was lost that cannot be seen, whatever the reasons since then', async () => {
    const steps = [...all, inSpace('c', trouble('timeout')), inSpace('b', trouble('forbidden'))]
    const { status } = await watched(...steps, inSpace('c', trouble('unreachable')))
    expect(status?.lostMs).toBe(epochMs + 3 * minute)
    const { status: later } = await watched(...steps, inSpace('c', contact))
    expect(later?.lostMs).toBe(epochMs + 4 * minute)
    expect((await watched(...steps, inSpace('c', contact), inSpace('b', contact))).status).not.toHaveProperty('lostMs')
  })

  it('is absent while its CRD was never installed and no namespace says otherwise, and is in trouble where one does', () => {
    const namespaces = ['a', 'b']
    const statusOf = (...steps: readonly Observation[]) => {
      const ledger = new Ledger({
        clock: new ManualClock(),
        sources: ['certificateRequests'],
        maxIssuers: 10,
        namespaces,
      })
      for (const step of steps) ledger.report(step)
      return ledger.sources()[0]
    }
    const everywhere = namespaces.map((name) => inSpace(name, absent))
    expect(statusOf(...everywhere.slice(0, 1))).toMatchObject({ concluded: false, up: false })
    expect(statusOf(...everywhere)).toMatchObject({ concluded: true, up: false, absent: { detail: 'not installed' } })
    const forbidden: Observation = { kind: 'trouble', ...ofRequests, reason: 'forbidden', detail: 'no right' }
    const partly = statusOf(inSpace('a', absent), inSpace('b', forbidden))
    expect(partly).toMatchObject({ concluded: true, up: false, trouble: { reason: 'forbidden' } })
    expect(partly).not.toHaveProperty('absent')
    const gone = statusOf(inSpace('a', requestsSeen), ...everywhere)
    expect(gone).toMatchObject({ concluded: true, up: false, trouble: { reason: 'not_found' } })
    expect(gone).not.toHaveProperty('absent')
  })

  it('is blind in all of them where its trouble names none', async () => {
    const { status, told } = await watched(trouble('internal'))
    expect(status).toMatchObject({ concluded: true, up: false })
    expect(told).toEqual(['pods in a lost', 'pods in b lost', 'pods in c lost'])
  })
})

describe('a source that watches objects by name, one by one,', () => {
  const ofTrust = { source: 'trustBundles' } as const
  const seen = (name: string): Observation => ({ kind: 'contact', ...ofTrust, name })
  const lost = (name: string): Observation => ({
    kind: 'trouble',
    ...ofTrust,
    name,
    ...{ reason: 'forbidden', detail: `${name} is forbidden` },
  })
  const statusAfterAll = (...steps: readonly Observation[]) => {
    const trustBundleNames = ['one', 'two', 'three']
    const ledger = new Ledger({ clock: new ManualClock(), sources: ['trustBundles'], maxIssuers: 10, trustBundleNames })
    steps.forEach(ledger.report)
    return ledger.sources()[0]
  }

  it('is up once it has seen each', () => {
    expect(statusAfterAll(seen('one'), seen('two'))).toMatchObject({ concluded: false, up: false })
    expect(statusAfterAll(seen('one'), seen('two'), seen('three'))).toMatchObject({ concluded: true, up: true })
  })

  it('is blind while it is blind for one, and says for which', () => {
    const all = ['one', 'two', 'three'].map(seen)
    const status = statusAfterAll(...all, lost('two'), lost('three'), seen('one'))
    const detail = 'two is forbidden; 1 more of 3 watches cannot be seen'
    expect(status).toMatchObject({ up: false, trouble: { reason: 'forbidden', detail } })
    expect(statusAfterAll(...all, lost('two'), seen('two'))).toMatchObject({ up: true })
  })
})
