import { describe, expect, test } from 'vitest'
import { brakes } from '../../../src/watchdog/brakes/brakes.ts'
import { decideWith } from '../../../src/watchdog/decide.ts'
import { holdReasons, type HoldReason } from '../../../src/watchdog/holdReasons.ts'
import { fits } from '../../../src/watchdog/history/encoding.ts'
import { emptyHistory, type History } from '../../../src/watchdog/history/history.ts'
import { reserve } from '../../../src/watchdog/history/transitions.ts'
import * as of from '../../support/restartCases.ts'
import {
  aCandidate,
  aFailure,
  aHistory,
  anIssuer,
  anOpen,
  anUnrenewed,
  aReservation,
  aSituation,
} from '../../support/restartCases.ts'
import { hourMs, issuer, minuteMs, nowMs } from '../../support/restartCases.ts'

const withPod = (pod: Parameters<typeof of.aPod>[0], situation = {}): of.Case => ({
  situation: aSituation([aCandidate({ pod: pod ?? {} })], situation),
})
const withIssuer = (facts: Parameters<typeof anIssuer>[0]): of.Case =>
  withPod({}, { issuers: new Map([[issuer, anIssuer(facts)]]) })
const withHistory = (history: History): of.Case => ({ ...withPod({}), history })
const owner = 'shop/Deployment/web'
const healedHere = aReservation(1, { owner, node: 'node-1' })
const halfAnHourAgo = {
  reservedMs: nowMs - 30 * minuteMs,
  actedMs: nowMs - 30 * minuteMs,
  endedMs: nowMs - 29 * minuteMs,
}
const stalePods = (count: number) =>
  Array.from({ length: count }, (_, i) => aCandidate({ pod: { uid: `uid-${i + 1}`, label: i === 0 ? 'allowed' : '' } }))

/** For each brake, a case in which it is the only one that holds the pod `uid-1`. */
const cases: Readonly<Record<Exclude<HoldReason, 'not_healed_by_restart'>, of.Case>> = {
  no_controller: withPod({ owner: undefined }),
  runs_to_completion: withPod({ owner: { key: 'shop/Job/report', kind: 'Job', replicas: 1 } }),
  own_pod: withPod({ isOwn: true }),
  agent: withPod({ isAgent: true }),
  never: withPod({ label: 'never', namespaceLabel: 'allowed' }),
  not_allowed: withPod({ label: '', namespaceLabel: 'Allowed' }),
  not_running: withPod({ isRunning: false }),
  node_not_ready: withPod({ isNodeReady: false }),
  agent_not_ready: withPod({ isAgentReady: false }),
  found_elsewhere: { situation: aSituation([aCandidate({ foundOn: 'node-2' })]) },
  contradicted: { situation: aSituation([aCandidate({ isContradicted: true })]) },
  evidence_old: { situation: aSituation([aCandidate({ seenMs: nowMs - 5 * minuteMs - 1 })]) },
  not_settled: { situation: aSituation([aCandidate({ sinceMs: nowMs - 7 * minuteMs + 1 })]) },
  renewed_too_often: { situation: aSituation([aCandidate({ isRenewedTooOften: true })]) },
  started_since_issuance: { situation: aSituation([aCandidate({ startedMs: nowMs - 22 * minuteMs + 1 })]) },
  request_refused: { situation: aSituation([anUnrenewed({ request: 'denied' })]) },
  issued_since: { situation: aSituation([anUnrenewed({ newestIssuedMs: nowMs - 10 * minuteMs })]) },
  issuer_failing: withIssuer({ isReady: false }),
  trust_broken: withPod({}, { untrusted: new Set(['example.org']) }),
  too_many_stale: { situation: aSituation(stalePods(21), { workloads: 41 }) },
  issuer_unproven: {
    situation: aSituation([anUnrenewed()], {
      issuers: new Map([[issuer, anIssuer({ lastIssuedMs: nowMs - 28 * minuteMs })]]),
    }),
  },
  not_alone: {
    situation: aSituation([anUnrenewed(), anUnrenewed({ pod: { uid: 'uid-2', label: '' } })]),
  },
  in_hand: withHistory(aHistory(aReservation(1, { pod: 'uid-1', owner, node: 'node-1' }))),
  refused_lately: withHistory(
    aHistory(
      aReservation(1, { pod: 'uid-1', owner, state: 'refused', refusals: 3, endedMs: nowMs - 4 * minuteMs + 1 }),
    ),
  ),
  owner_failed: withHistory(aHistory(aFailure(1, { owner, reason: 'many_budgets' }))),
  cooling_down: {
    situation: aSituation([aCandidate({ pod: { createdMs: nowMs - 20 * minuteMs } })]),
    history: aHistory(healedHere),
  },
  canary_failed: withHistory(aHistory(aFailure(1, { node: 'node-1' }))),
  awaiting_canary: withHistory(aHistory(anOpen(1, { node: 'node-1' }))),
  owner_in_flight: withHistory(aHistory(healedHere, anOpen(2, { owner, node: 'node-1' }))),
  issuer_in_flight: withHistory(
    aHistory(aReservation(1), ...Array.from({ length: 10 }, (_, i) => anOpen(i + 2, { node: `node-${i + 10}` }))),
  ),
  issuer_rate: withHistory(of.many(15, () => ({ reservedMs: nowMs - 9 * minuteMs, actedMs: nowMs - 9 * minuteMs }))),
  owner_cap: withHistory(of.many(12, () => ({ ...halfAnHourAgo, owner }))),
  namespace_cap: withHistory(of.many(60, () => ({ ...halfAnHourAgo, namespace: 'shop' }))),
  node_cap: withHistory(of.many(60, () => ({ ...halfAnHourAgo, node: 'node-1' }))),
  cluster_cap: withHistory(of.many(100, () => halfAnHourAgo)),
  outside_window: {
    ...withPod({}),
    policy: of.aPolicy({ windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 0, toMinute: 24 * 60 }] }),
  },
  history_full: withHistory(fullHistory()),
}

/** A history of old restarts that has no room for one more. */
function fullHistory(): History {
  const old = { cause: 'not_reloaded', issuers: ['x'.repeat(200)], node: 'y'.repeat(200) } as const
  let history = emptyHistory
  for (let i = 0; ; i += 1) {
    const wanted = { ...old, pod: `old-${i}`, namespace: 'old', owner: `old/Deployment/app-${i}` }
    const next = reserve(history, wanted, nowMs - 2 * hourMs)
    if (!fits(next))
      return { ...history, reservations: history.reservations.map((one) => ({ ...one, state: 'abandoned' })) }
    history = next
  }
}

describe('each brake', () => {
  const table = Object.entries(cases) as [HoldReason, of.Case][]

  test.each(table)('%s holds a pod back', (reason, one) => {
    expect(of.outcomes(one)['uid-1']).toBe(reason)
  })

  test.each(table)('without %s, the pod would be restarted', (reason, one) => {
    const others = brakes.filter((brake) => brake.reason !== reason)
    expect(others).toHaveLength(brakes.length - 1)
    expect(of.outcomes(one, decideWith(others))['uid-1']).toMatch(/^(act|canary)$/)
  })

  test('has a reason of its own, with a text', () => {
    const reasons = ['not_healed_by_restart', ...brakes.map(({ reason }) => reason)]
    expect(reasons.toSorted()).toEqual(Object.keys(holdReasons).toSorted())
  })
})

describe('a brake lets go', () => {
  test.each<[string, of.Case]>([
    ['of a pod that is allowed by its namespace', withPod({ label: '', namespaceLabel: 'allowed' })],
    ['once the problem has settled', { situation: aSituation([aCandidate({ sinceMs: nowMs - 7 * minuteMs })]) }],
    ['of evidence that is new enough', { situation: aSituation([aCandidate({ seenMs: nowMs - 5 * minuteMs })]) }],
    [
      'of a container that started before the newest issuance, whatever clocks say',
      { situation: aSituation([aCandidate({ startedMs: nowMs - 22 * minuteMs })]) },
    ],
    ['of an unrenewed pod that started after its newest SVID was issued', { situation: aSituation([anUnrenewed()]) }],
    ['of few stale pods in a small cluster', { situation: aSituation(stalePods(20), { workloads: 20 }) }],
    ['of many stale pods that are a small share', { situation: aSituation(stalePods(21), { workloads: 42 }) }],
    [
      'after a budget has refused for a while',
      withHistory(
        aHistory(
          aReservation(1, { pod: 'uid-1', owner, state: 'refused', refusals: 3, endedMs: nowMs - 4 * minuteMs }),
        ),
      ),
    ],
    [
      'after the cool-down',
      {
        situation: aSituation([aCandidate({ pod: { createdMs: nowMs - 40 * minuteMs } })]),
        history: aHistory(aReservation(1, { owner, ...halfAnHourAgo })),
      },
    ],
    ['of pods that were there before the first restart of their owner', withHistory(aHistory(healedHere))],
    [
      'of other owners after one failure among restarts that heal',
      withHistory(aHistory(healedHere, aFailure(2, { node: 'node-1' }))),
    ],
    [
      'of an issuer that issues so much',
      {
        ...withIssuer({ issued: 32 }),
        history: of.many(15, () => ({ reservedMs: nowMs - 9 * minuteMs, actedMs: nowMs - 9 * minuteMs })),
      },
    ],
    [
      'of an owner with many replicas',
      {
        ...withPod({ owner: { key: owner, kind: 'ReplicaSet', replicas: 50 } }),
        history: of.many(12, () => ({ ...halfAnHourAgo, owner })),
      },
    ],
  ])('%s', (_, one) => {
    expect(of.outcomes(one)['uid-1']).toMatch(/^(act|canary)$/)
  })
})

describe('an issuer is failing', () => {
  test.each<[string, Parameters<typeof anIssuer>[0]]>([
    ['if a diagnosis says so', { isDiagnosed: true }],
    [
      'if it lets a request wait, and answers no other',
      { oldestWaitingMs: nowMs - 2 * minuteMs, lastIssuedMs: nowMs - 3 * minuteMs },
    ],
    ['if the last request failed', { lastFailedMs: nowMs, lastIssuedMs: nowMs - minuteMs }],
  ])('%s', (_, facts) => {
    expect(of.outcomes(withIssuer(facts))).toEqual({ 'uid-1': 'issuer_failing' })
  })

  test('if nobody knows it', () => {
    expect(of.outcomes(withPod({ issuers: [issuer, 'Issuer/unknown'] }))).toEqual({ 'uid-1': 'issuer_failing' })
  })

  test('but not because one request waits while others are answered', () => {
    const facts = { oldestWaitingMs: nowMs - 20 * minuteMs, lastIssuedMs: nowMs - minuteMs }
    expect(of.outcomes(withIssuer(facts))).toEqual({ 'uid-1': 'canary' })
  })

  test('and another one is not', () => {
    const issuers = new Map([
      [issuer, anIssuer()],
      ['Issuer/other', anIssuer({ isReady: false })],
    ])
    expect(of.outcomes({ situation: aSituation([aCandidate()], { issuers }) })).toEqual({ 'uid-1': 'canary' })
  })
})
