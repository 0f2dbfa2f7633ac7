/** What has happened to those who restart pods or nodes by a program, and what happens here instead. */
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/watchdog/decide.ts'
import { parseHistory, serializeHistory } from '../../../src/watchdog/history/encoding.ts'
import { emptyHistory, type History } from '../../../src/watchdog/history/history.ts'
import { acted, refused, reserve } from '../../../src/watchdog/history/transitions.ts'
import { defaultPolicy } from '../../../src/watchdog/policy.ts'
import { settle } from '../../../src/watchdog/settle.ts'
import type { Candidate, Situation } from '../../../src/watchdog/candidate.ts'
import type { PodSight } from '../../../src/watchdog/sight.ts'
import * as of from '../../support/restartCases.ts'
import {
  aCandidate,
  aHistory,
  anIssuer,
  anOpen,
  aReservation,
  aReserved,
  aSituation,
  hourMs,
  issuer,
  minuteMs,
  nowMs,
} from '../../support/restartCases.ts'

const policy = defaultPolicy
const owner = { key: 'shop/Deployment/web', kind: 'ReplicaSet', replicas: 20 }

/** Pods of one owner, all with a stale mount. */
const replicas = (count: number): readonly Candidate[] =>
  Array.from({ length: count }, (_, i) => aCandidate({ pod: { uid: `uid-${i}`, owner } }))

/** Reserves and acts on everything that is granted. Returns the pods, and the history after it. */
function actOnAll(situation: Situation, history: History, atMs: number): readonly [readonly string[], History] {
  const granted = decide(situation, policy, history, atMs).flatMap((one) => (one.is === 'held' ? [] : one.wanted))
  const after = granted.reduce((before, wanted) => acted(reserve(before, wanted, atMs), before.next, atMs), history)
  return [granted.map(({ pod }) => pod), after]
}

/** What the next leader reads. */
function handedOver(history: History): History {
  const parsed = parseHistory(serializeHistory(history))
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.history
}

const freshPod = (uid: string, createdMs: number): PodSight => ({
  ...{ uid, createdMs, isRunning: true, isLeaving: false },
  svids: [{ problems: [], mounted: { notAfterMs: createdMs + 5 * hourMs, seenMs: createdMs + minuteMs } }],
})

describe('Reloader', () => {
  test('#1183: one flapping certificate made 80,000 ReplicaSets. Here it restarts nothing', () => {
    const flapping = replicas(3).map((one) => ({ ...one, isRenewedTooOften: true }))
    expect(actOnAll(aSituation(flapping), emptyHistory, nowMs)[0]).toEqual([])
  })

  test('#1183: even a certificate that flaps unnoticed restarts no more than the caps and cool-downs allow', () => {
    let history = emptyHistory
    let restarts = 0
    let createdMs = nowMs - hourMs
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      const atMs = nowMs + minute * minuteMs
      const pod = { uid: `uid-${restarts}`, owner: { ...owner, replicas: 1 }, createdMs }
      const times = { sinceMs: atMs - 8 * minuteMs, newestIssuedMs: atMs, startedMs: createdMs, seenMs: atMs }
      const issuers = new Map([[issuer, anIssuer({ lastIssuedMs: atMs })]])
      const [pods, after] = actOnAll(aSituation([aCandidate({ pod, ...times })], { issuers }), history, atMs)
      if (pods.length > 0) createdMs = atMs
      restarts += pods.length
      history = settle(after, () => ({ seenMs: atMs, pods: [freshPod(`uid-${restarts}`, createdMs)] }), policy, atMs)
    }
    expect(restarts).toBeGreaterThan(0)
    expect(restarts).toBeLessThanOrEqual(48)
  })

  test('#1089, #810: a leader change restarted everything. Here the next leader goes on where the last one was', () => {
    const situation = aSituation(replicas(20))
    const [first, after] = actOnAll(situation, emptyHistory, nowMs)
    const [second] = actOnAll(situation, handedOver(after), nowMs + minuteMs)
    expect(first).toHaveLength(1)
    expect(second).toEqual([])
  })

  test('#481: changes were lost during an election. Here whatever still is wrong is decided about again', () => {
    const [pods] = actOnAll(aSituation(replicas(1)), handedOver(aHistory(aReservation(1))), nowMs + 4 * minuteMs)
    expect(pods).toEqual(['uid-0'])
  })

  test('#701: 17 of 20 were restarted, and success was logged. Here each is verified, and three have failed', () => {
    const atMs = nowMs - 14 * minuteMs
    const open = Array.from({ length: 20 }, (_, i) =>
      anOpen(i + 1, { owner: owner.key, reservedMs: atMs, actedMs: atMs }),
    )
    const came = Array.from({ length: 17 }, (_, i) => freshPod(`new-${i}`, atMs + minuteMs))
    const states = (history: History) => history.reservations.map(({ state }) => state)
    const early = settle(aHistory(...open), () => ({ seenMs: nowMs, pods: came }), policy, nowMs)
    const late = settle(early, () => ({ seenMs: nowMs + minuteMs, pods: came }), policy, nowMs + minuteMs)
    expect(states(early).filter((state) => state === 'acted')).toHaveLength(3)
    expect(states(late).filter((state) => state === 'failed')).toHaveLength(3)
    expect(of.outcomes({ situation: aSituation(replicas(1)), history: late }, decide, nowMs + minuteMs)).toEqual({
      'uid-0': 'owner_failed',
    })
  })
})

describe('kured', () => {
  test('#137, #847: the lock was held for ever by a node that was gone. Here a reservation ends by itself', () => {
    const gone = aHistory(
      aReserved(1, { owner: owner.key, node: 'node-that-is-gone', reservedMs: nowMs - 31 * minuteMs }),
    )
    const [reservation] = settle(gone, () => undefined, policy, nowMs).reservations
    expect(reservation).toMatchObject({ state: 'failed', reason: 'outcome_unknown' })
    const lost = aHistory(anOpen(1, { reservedMs: nowMs - 16 * minuteMs, actedMs: nowMs - 16 * minuteMs }))
    const noPods = { seenMs: nowMs, pods: [] }
    expect(settle(lost, () => noPods, policy, nowMs).reservations[0]).toMatchObject({
      state: 'failed',
      reason: 'no_new_pod',
    })
  })

  test('#792: a node that may not reboot kept the lock from all others. Here a refused canary lets another one be it', () => {
    const blocked = aCandidate({
      impactMs: nowMs,
      pod: { uid: 'blocked', owner: { ...owner, key: 'shop/Deployment/blocked' } },
    })
    const situation = aSituation([blocked, aCandidate()])
    const [canary] = decide(situation, policy, emptyHistory, nowMs)
    if (canary === undefined || canary.is === 'held') throw new Error('there is no canary')
    const history = refused(reserve(emptyHistory, canary.wanted, nowMs), 1, nowMs)
    expect(canary.wanted.pod).toBe('blocked')
    expect(of.outcomes({ situation, history })).toEqual({ blocked: 'refused_lately', 'uid-1': 'canary' })
  })
})

test('descheduler #1449: limits for each node and namespace added up to no limit. Here the cluster has one', () => {
  const spread = of.many(100, (id) => ({
    ...{ node: `node-${id}`, namespace: `team-${id}` },
    ...{ reservedMs: nowMs - 30 * minuteMs, actedMs: nowMs - 30 * minuteMs },
  }))
  expect(of.outcomes({ situation: aSituation([aCandidate()]), history: spread })).toEqual({ 'uid-1': 'cluster_cap' })
})

describe('istio-csr #217: 30 restarts at once overloaded the issuer', () => {
  const owners = Array.from({ length: 30 }, (_, i) =>
    aCandidate({ pod: { uid: `uid-${i}`, node: `node-${i}`, owner: { ...owner, key: `shop/Deployment/app-${i}` } } }),
  )

  test('here no more than 10 wait for it', () => {
    const [pods] = actOnAll(aSituation(owners), aHistory(aReservation(1)), nowMs)
    expect(pods).toHaveLength(10)
  })

  test('nor are there more in ten minutes than the issuer is seen to issue', () => {
    const healed = of.many(14, () => ({ reservedMs: nowMs - 8 * minuteMs, actedMs: nowMs - 8 * minuteMs }))
    const restartsAt = (issued: number) =>
      actOnAll(aSituation(owners, { issuers: new Map([[issuer, anIssuer({ issued })]]) }), healed, nowMs)[0].length
    expect(restartsAt(0)).toBe(1)
    expect(restartsAt(36)).toBe(4)
  })
})

test('linkerd2 #4287: the old anchor was dropped early, so new certificates were refused. Here nothing is restarted then', () => {
  const situation = aSituation(replicas(3), { untrusted: new Set(['example.org']) })
  expect(new Set(Object.values(of.outcomes({ situation })))).toEqual(new Set(['trust_broken']))
})
