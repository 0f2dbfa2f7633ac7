import { expect, it } from 'vitest'
import { Ledger } from '../../../../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory } from '../../../../../src/ledger/memory.ts'
import type { Observation } from '../../../../../src/ledger/observations.ts'
import type { ManualClock } from '../../../../support/manualClock.ts'
import { memoryOf, surveyOf } from '../../../../support/ledgerReading.ts'
import {
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../../../support/observations.ts'
import { minute, watch } from '../../../../support/watchedLedger.ts'

const second = 1_000
/** SVIDs of 5 minutes are renewed after two thirds of their life. */
const lifetimeMs = 5 * minute
const renewalMs = 200 * second

/** The SVID that was issued so many renewals ago after the first one. */
const svidOf = (renewal: number) => {
  const notBeforeMs = epochMs + renewal * renewalMs
  return svid({ notBeforeMs, notAfterMs: notBeforeMs + lifetimeMs, fingerprint: String(renewal).repeat(64) })
}

const requestOf = (renewal: number, waitedMs = 0) => {
  const { notBeforeMs } = svidOf(renewal)
  return request({
    uid: `request-${renewal}`,
    resourceVersion: String(100 + renewal),
    createdMs: notBeforeMs - waitedMs,
    concludedMs: notBeforeMs,
    svid: svidOf(renewal),
  })
}

const mountedOf = (renewal: number) => mounted({ reading: { svid: svidOf(renewal) } })

const begun = () => watch(...podList(pod()), ...requestList('9', requestOf(0)), ...nodeTells('node-1', mountedOf(0)))

/** The request of the last renewal is gone, and the next SVID is issued. The node role has just been heard. */
async function renew(ledger: Ledger, clock: ManualClock, renewal: number): Promise<void> {
  await hear(ledger, clock, renewal * renewalMs)
  ledger.report({ kind: 'requestDeleted', uid: `request-${renewal - 1}`, resourceVersion: String(99 + renewal) })
  ledger.report(change('added', requestOf(renewal)))
}

/** Lets the time pass until `atMs` after the epoch. The node role is heard then. */
async function hear(ledger: Ledger, clock: ManualClock, atMs: number): Promise<void> {
  await clock.advance(epochMs + atMs - clock.now())
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
}

/** Since when the mounted copy is stale, in ms after the epoch. */
const staleSince = (ledger: Ledger) => {
  const [facts] = ledger.facts()
  return facts?.staleSinceMs === undefined ? undefined : facts.staleSinceMs - epochMs
}

const drifts = (ledger: Ledger) => surveyOf(ledger).drifts.map(({ cause }) => cause)

it('a workload with a dead mount stays expired when an SVID is issued that the files have not been seen since', async () => {
  const { ledger, clock } = begun()
  await renew(ledger, clock, 1)
  await renew(ledger, clock, 2)
  await hear(ledger, clock, 3 * renewalMs - second)
  const expired = () => surveyOf(ledger).workloads.find(({ state }) => state === 'expired')?.count
  expect(expired()).toBe(1)
  await clock.advance(second)
  ledger.report(change('added', requestOf(3)))
  expect(expired()).toBe(1)
})

it('a mount is stale since the first SVID that it lacks, without a gap at the renewals that follow', async () => {
  const { ledger, clock } = begun()
  await renew(ledger, clock, 1)
  expect(staleSince(ledger)).toBeUndefined()
  await hear(ledger, clock, renewalMs + 10 * second)
  expect(staleSince(ledger)).toBe(renewalMs)
  for (const renewal of [2, 3, 4]) {
    await renew(ledger, clock, renewal)
    expect([staleSince(ledger), drifts(ledger)]).toEqual([renewalMs, ['mount_stale']])
  }
})

it('a mount that gets an SVID and lacks the next one is stale since that one', async () => {
  const { ledger, clock } = begun()
  await renew(ledger, clock, 1)
  await renew(ledger, clock, 2)
  ledger.report({ kind: 'mounted', mounted: mountedOf(2), node: 'node-1' })
  expect(staleSince(ledger)).toBeUndefined()
  await renew(ledger, clock, 3)
  await hear(ledger, clock, 3 * renewalMs + 10 * second)
  expect(staleSince(ledger)).toBe(3 * renewalMs)
})

it('a mount whose file gets an SVID that is not the newest is stale since the one after it', async () => {
  const { ledger, clock } = begun()
  for (const renewal of [1, 2, 3]) await renew(ledger, clock, renewal)
  ledger.report({ kind: 'mounted', mounted: mountedOf(1), node: 'node-1' })
  await hear(ledger, clock, 3 * renewalMs + 10 * second)
  expect(staleSince(ledger)).toBe(3 * renewalMs)
})

it('a mount is stale since the SVID was issued, however long its request had waited', async () => {
  const { ledger, clock } = begun()
  await hear(ledger, clock, 2 * renewalMs)
  ledger.report(change('added', requestOf(2, renewalMs)))
  await hear(ledger, clock, 2 * renewalMs + 10 * second)
  expect(staleSince(ledger)).toBe(2 * renewalMs)
  expect([...ledger.facts()]).toMatchObject([{ issuedMs: epochMs + 2 * renewalMs, waitedMs: renewalMs }])
})

/** The process after `ledger`, so long after the epoch. */
async function following(ledger: Ledger, atMs: number, ...observations: readonly Observation[]) {
  const stored = parseMemory(serializeMemory(memoryOf(ledger)))
  if ('problem' in stored) throw new Error(stored.problem)
  const { memory } = stored
  return Promise.all(
    [true, false].map(async (isFirst) => {
      const next = watch()
      await next.clock.advance(atMs)
      if (isFirst) next.ledger.restore(memory)
      observations.forEach(next.ledger.report)
      if (!isFirst) next.ledger.restore(memory)
      nodeTells('node-1', mountedOf(0)).forEach(next.ledger.report)
      return next
    }),
  )
}

it.each([
  ['has one SVID less', 1],
  ['has several SVIDs less', 3],
])(
  'a mount that %s is stale since the first one over a restart in which another renewal comes',
  async (_, renewals) => {
    const { ledger, clock } = begun()
    for (let renewal = 1; renewal <= renewals; renewal += 1) await renew(ledger, clock, renewal)
    const afterMs = (renewals + 1) * renewalMs + 5 * second
    const known = [...podList(pod()), ...requestList('200', requestOf(renewals + 1))]
    for (const next of await following(ledger, afterMs, ...known)) {
      expect([staleSince(next.ledger), drifts(next.ledger)]).toEqual([renewalMs, ['mount_stale']])
      await renew(next.ledger, next.clock, renewals + 2)
      expect(staleSince(next.ledger)).toBe(renewalMs)
    }
  },
)

it('a mount that got its SVID while svidwatch was away is not stale', async () => {
  const { ledger, clock } = begun()
  await renew(ledger, clock, 1)
  const known = [...podList(pod()), ...requestList('200', requestOf(1))]
  for (const next of await following(ledger, renewalMs + minute, ...known)) {
    nodeTells('node-1', mountedOf(1)).forEach(next.ledger.report)
    await renew(next.ledger, next.clock, 2)
    await hear(next.ledger, next.clock, 2 * renewalMs + 10 * second)
    expect(staleSince(next.ledger)).toBe(2 * renewalMs)
  }
})

it('a volume that was unmounted is known until then, and until now once newer SVIDs are issued: its pod runs with the old one', async () => {
  const { ledger, clock } = begun()
  await hear(ledger, clock, minute)
  ledger.report({ kind: 'unmounted', podUid: 'pod-1', volume: 'spiffe', node: 'node-1' })
  await hear(ledger, clock, 2 * minute)
  expect(Array.from(ledger.facts(), (facts) => facts.mounted?.knownMs)).toEqual([epochMs + minute])
  await renew(ledger, clock, 1)
  await hear(ledger, clock, renewalMs + 10 * second)
  const [facts] = ledger.facts()
  expect(facts).toMatchObject({ problem: 'unmounted', staleSinceMs: epochMs + renewalMs })
  expect(facts?.mounted?.knownMs).toBe(clock.now())
})
