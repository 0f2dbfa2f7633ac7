import { describe, expect, test } from 'vitest'
import type { Candidate, PodFacts } from '../../../src/watchdog/candidate.ts'
import { decide } from '../../../src/watchdog/decide.ts'
import { emptyHistory } from '../../../src/watchdog/history/history.ts'
import { acted, reserve } from '../../../src/watchdog/history/transitions.ts'
import { defaultPolicy } from '../../../src/watchdog/policy.ts'
import { settle } from '../../../src/watchdog/settle.ts'
import type { PodSight } from '../../../src/watchdog/sight.ts'
import { aCandidate, anIssuer, aSituation, hourMs, issuer, minuteMs, nowMs } from '../../support/restartCases.ts'

/** So long after an eviction, the new pod is seen fresh. */
const comesAfterMs = 3 * minuteMs

/** Returns after how many minutes all pods have been restarted that have a stale mount since the beginning. */
function minutesToHeal(pods: readonly Partial<PodFacts>[]): number {
  let ill: readonly Candidate[] = pods.map((pod) => aCandidate({ pod, sinceMs: nowMs, newestIssuedMs: nowMs }))
  let history = emptyHistory
  const came = new Map<string, PodSight[]>()
  for (let minute = 0; minute <= 6 * 60; minute += 1) {
    const atMs = nowMs + minute * minuteMs
    const sightOf = (owner: string) => ({
      ...{ seenMs: atMs, pods: (came.get(owner) ?? []).filter(({ createdMs }) => atMs - createdMs >= comesAfterMs) },
    })
    history = settle(history, sightOf, defaultPolicy, atMs)
    if (ill.length === 0 && history.reservations.every(({ state }) => state === 'healed')) return minute
    const issuers = new Map([[issuer, anIssuer({ lastIssuedMs: atMs, issued: 0 })]])
    const candidates = ill.map((one) => ({ ...one, seenMs: atMs }))
    for (const decision of decide(aSituation(candidates, { issuers }), defaultPolicy, history, atMs)) {
      if (decision.is === 'held') continue
      const { owner, pod } = decision.wanted
      history = acted(reserve(history, decision.wanted, atMs), history.next, atMs)
      ill = ill.filter((one) => one.pod.uid !== pod)
      const mounted = { notAfterMs: atMs + 10 * hourMs, seenMs: atMs + minuteMs }
      const successor = {
        uid: `after ${pod}`,
        createdMs: atMs,
        isRunning: true,
        isLeaving: false,
        svids: [{ problems: [], mounted }],
      }
      came.set(owner, [...(came.get(owner) ?? []), successor])
    }
  }
  return Infinity
}

const ownerOf = (name: string, replicas: number) => ({ key: `shop/Deployment/${name}`, kind: 'ReplicaSet', replicas })
const podsOf = (count: number, pod: (i: number) => Partial<PodFacts>): readonly Partial<PodFacts>[] =>
  Array.from({ length: count }, (_, i) => ({ uid: `uid-${i}`, ...pod(i) }))
const spread = (i: number, count: number) => ({
  node: `node-${i % 7}`,
  namespace: `team-${i % 5}`,
  owner: ownerOf(`app-${i % count}`, 10),
})

describe('with the defaults, 10 workloads of one cause are healed within 30 minutes', () => {
  test.each([
    ['of one owner', podsOf(10, () => ({ owner: ownerOf('web', 10) }))],
    ['of one owner, each on its node', podsOf(10, (i) => ({ owner: ownerOf('web', 10), node: `node-${i}` }))],
    ['of 10 owners with one replica', podsOf(10, (i) => ({ owner: ownerOf(`app-${i}`, 1) }))],
    ['of 10 owners, each on its node', podsOf(10, (i) => ({ owner: ownerOf(`app-${i}`, 1), node: `node-${i}` }))],
    ['of 3 owners', podsOf(10, (i) => spread(i, 3))],
  ])('%s', (_, pods) => {
    expect(minutesToHeal(pods)).toBeLessThanOrEqual(30)
  })
})

describe('with the defaults, 200 workloads of one cause are healed within 4 hours', () => {
  test.each([
    ['of one owner', podsOf(200, (i) => ({ owner: ownerOf('web', 200), node: `node-${i % 7}` }))],
    ['on one node', podsOf(200, (i) => ({ owner: ownerOf(`app-${i}`, 1), namespace: `team-${i % 5}` }))],
    ['in one namespace', podsOf(200, (i) => ({ owner: ownerOf(`app-${i}`, 1), node: `node-${i % 7}` }))],
    ['of 20 owners', podsOf(200, (i) => spread(i, 20))],
  ])('%s', (_, pods) => {
    expect(minutesToHeal(pods)).toBeLessThanOrEqual(240)
  })
})
