import { describe, expect, it } from 'vitest'
import { volumeHash } from '../../../../src/identity/volumeHash.ts'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory, type Memory } from '../../../../src/ledger/memory.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { sourceNames } from '../../../../src/ledger/sight/observations.ts'
import { change, epochMs, pod, podList, request, requestList, svid } from '../../../support/observations.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { copies, gone, hour, minute, pending, podSeen, unmount, watch } from '../../../support/watchedLedger.ts'
import { memoryOf, svidsOf } from '../../../support/ledgerReading.ts'

const dueMs = 40 * minute
const first = svid({ fingerprint: 'a'.repeat(64) })
const known = [...podList(pod()), ...requestList('9', request({ svid: first }))]
/** The next request, which waits. */
const next = { ...pending('request-2', '110'), createdMs: epochMs + dueMs }

/** A process that has seen all this at some times, in ms since the epoch, and what it remembers in the end. */
async function remembered(...steps: readonly (readonly [atMs: number, ...observations: Observation[]])[]) {
  const { ledger, clock } = watch(...known)
  for (const [atMs, ...observations] of steps) {
    await clock.advance(epochMs + atMs - clock.now())
    observations.forEach(ledger.report)
  }
  return kept(ledger)
}

function kept(ledger: Ledger): Memory {
  const stored = parseMemory(serializeMemory(memoryOf(ledger)))
  if ('problem' in stored) throw new Error(stored.problem)
  return stored.memory
}

/** The next process, an hour after the epoch. */
async function following(memory: Memory, ...observations: readonly Observation[]): Promise<Ledger> {
  const { ledger, clock } = watch()
  await clock.advance(hour)
  ledger.restore(memory)
  observations.forEach(ledger.report)
  return ledger
}

const waiting = [...podList(pod()), ...requestList('120', next)]

describe('of an SVID whose request is gone', () => {
  const lost = () => remembered([dueMs, gone('request-1'), change('added', next)])

  it.each<[string, Observation[], string[]]>([
    ['all is still told while the next request waits', waiting, [`issued web-1/spiffe ${hour}`]],
    ['all is still told when nobody has asked again', podList(pod()), [`issued web-1/spiffe ${hour}`]],
    [
      'nothing is told once the next one is issued',
      [
        ...podList(pod()),
        ...requestList('120', request({ ...next, state: 'issued', svid: svid({}, -dueMs / minute) })),
      ],
      [`issued web-1/spiffe ${hour + dueMs}`],
    ],
    ['nothing is told where its pod is gone', [...podList(), ...requestList('120', next)], []],
    ['nothing is told where its pod has ended', podList(pod({ ended: true })), []],
    ['nothing is told where its pod has no such volume', podList(pod({ volumes: [] })), []],
    ['nothing is told before pods are known', [podSeen()], []],
  ])('%s, whether that is remembered before or after', async (_, observations, expected) => {
    const memory = await lost()
    expect(copies(await following(memory, ...observations))).toEqual(expected)
    const late = await following({ ...memory, svids: [] }, ...observations)
    late.restore(memory)
    expect(copies(late)).toEqual(expected)
  })

  it('it is told who issued it, and when it was seen last', async () => {
    const [view] = svidsOf(await following(await lost(), ...waiting))
    expect(view).toMatchObject({
      svid: first,
      labels: { issuer: 'ClusterIssuer/spiffe-ca' },
      lastObservedMs: epochMs + dueMs,
      state: 'renewal_overdue',
      inUse: true,
    })
  })

  it('it is known until nothing before requests are seen, however long ago its renewal was due', async () => {
    const memory = await lost()
    const clock = new ManualClock()
    const ledger = new Ledger({ clock, sources: sourceNames, maxIssuers: 10, agents: [], svidAgents: [] })
    await clock.advance(hour)
    ledger.restore(memory)
    podList(pod()).forEach(ledger.report)
    const knownOf = () => Array.from(ledger.facts(), ({ issued }) => issued?.knownMs)
    expect(knownOf()).toEqual([-Infinity])
    ledger.report({ kind: 'contact', source: 'certificateRequests' })
    expect(knownOf()).toEqual([epochMs + hour])
  })

  it('all is remembered again, by processes that saw no pods, too', async () => {
    const memory = await lost()
    const blind = await following(memory)
    expect(kept(blind)).toEqual(memory)
    expect(kept(await following(kept(blind), ...waiting))).toEqual(memory)
  })

  it('nothing is remembered once its pod is gone', async () => {
    const gonePod = [{ kind: 'podDeleted', uid: 'pod-1' }, unmount] as const
    expect((await remembered([dueMs, gone('request-1'), ...gonePod])).svids).toEqual([])
  })
})

describe('of an SVID whose request goes while nobody looks', () => {
  it('all is told up to two minutes after the last process, and what is renewed later needs no memory', async () => {
    expect((await remembered([dueMs - 2 * minute - 1])).svids).toEqual([])
    const memory = await remembered([dueMs - 2 * minute])
    expect(copies(await following(memory, ...waiting))).toEqual([`issued web-1/spiffe ${hour}`])
  })

  it('all is as it was where its request is still there', async () => {
    const there = [...podList(pod()), ...requestList('120', request({ svid: first }))]
    const ledger = await following(await remembered([dueMs]), ...there)
    const contact: Observation = { kind: 'contact', source: 'certificateRequests' }
    ledger.report(contact)
    const [view, ...more] = svidsOf(ledger)
    expect(view?.lastObservedMs).toBe(epochMs + hour)
    expect(more).toEqual([])
  })
})

it('what nobody else can tell is remembered first, and what expires first', () => {
  const { ledger } = watch(...podList(...['pod-1', 'pod-2', 'pod-3'].map((uid) => pod({ uid }))))
  const expiring = (podUid: string, afterMs: number) => {
    const owner = { podUid, podName: 'web-1' }
    const notAfterMs = epochMs + afterMs
    return request({ uid: podUid, owner, volumeHash: volumeHash(podUid, 'spiffe'), svid: { ...first, notAfterMs } })
  }
  for (const one of [expiring('pod-1', 2), expiring('pod-2', 1), expiring('pod-3', 3)])
    ledger.report(change('added', one))
  ledger.report(gone('pod-3'))
  expect(kept(ledger).svids.map(({ podUid }) => podUid)).toEqual(['pod-3', 'pod-2', 'pod-1'])
})

it('a namespace with very many does not push out what is remembered of the others', () => {
  const { ledger } = watch()
  const due = (namespace: string, index: number, afterMs: number) => {
    const podUid = `${namespace}-${index}`
    ledger.report(podSeen({ uid: podUid, namespace, name: podUid }))
    const owner = { podUid, podName: podUid }
    const expiring = { ...first, notAfterMs: epochMs + afterMs }
    const named = { uid: podUid, namespace, owner, volumeHash: volumeHash(podUid, 'spiffe') }
    ledger.report(change('added', request({ ...named, svid: expiring })))
    if (namespace === 'greedy') ledger.report(gone(podUid))
  }
  for (let index = 0; index < 5_000; index += 1) due('greedy', index, index)
  for (let index = 0; index < 3; index += 1) due('modest', index, 9_000 - index)
  due('other', 0, 10_000)
  const { svids } = kept(ledger)
  expect(svids.length).toBeGreaterThan(100)
  expect(svids.slice(0, 7).map(({ podUid }) => podUid)).toEqual([
    ...['greedy-0', 'modest-2', 'other-0'],
    ...['greedy-1', 'modest-1'],
    ...['greedy-2', 'modest-0'],
  ])
  expect(svids.slice(7).every(({ podUid }, index) => podUid === `greedy-${index + 3}`)).toBe(true)
})

it('an SVID of the time before computers had clocks is remembered like any other', async () => {
  const old = { ...first, notBeforeMs: Date.UTC(1600, 0), notAfterMs: epochMs + hour }
  const { ledger } = watch(...podList(pod()), ...requestList('9', request({ svid: old })))
  const again = await following(kept(ledger), ...podList(pod()))
  expect(copies(again)).toEqual([`issued web-1/spiffe ${hour}`])
  expect(kept(again).svids.map(({ svid: { notBeforeMs } }) => notBeforeMs)).toEqual([old.notBeforeMs])
})

describe('since when an SVID has been asked for', () => {
  const again = (minutes: number, one = pending(`again-${minutes}`, String(200 + minutes))) =>
    change('added', { ...one, createdMs: epochMs + minutes * minute })
  const replaced = (minutes: number) => gone(`again-${minutes}`, String(201 + minutes))
  const askedAfterDue = (ledger: Ledger) =>
    [...ledger.requestCounts()].map(({ oldestMs = NaN }) => (oldestMs - epochMs - dueMs) / minute)
  const before = () =>
    remembered(
      [dueMs, gone('request-1'), again(40)],
      [dueMs + minute, replaced(40), again(41)],
      [dueMs + 2 * minute, replaced(41), again(42)],
    )
  const third = { ...pending('again-43', '300'), createdMs: epochMs + dueMs + 3 * minute }

  it.each([
    ['before', [...podList(pod()), ...requestList('300', third)]],
    ['after', [...requestList('300', third), ...podList(pod())]],
  ])('outlives a restart where pods are listed %s requests', async (_, observations) => {
    expect(askedAfterDue(await following(await before(), ...observations))).toEqual([0])
  })

  it('outlives another restart at once, before anybody has asked again', async () => {
    const next = kept(await following(await before(), ...podList(pod())))
    expect(askedAfterDue(await following(next, ...podList(pod()), ...requestList('300', third)))).toEqual([0])
  })

  it('is not remembered where a request was answered since', async () => {
    const denied = {
      ...pending('again-41', '250'),
      createdMs: epochMs + dueMs + minute,
      state: 'denied',
      reason: 'denied_other',
    } as const
    const memory = await remembered(
      [dueMs, gone('request-1'), again(40)],
      [dueMs + minute, replaced(40), again(41), change('modified', denied)],
    )
    expect(askedAfterDue(await following(memory, ...podList(pod()), ...requestList('300', third)))).toEqual([3])
  })
})
