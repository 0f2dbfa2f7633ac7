import { describe, expect, test } from 'vitest'
import { allCodes } from '../../../src/diagnosis/codes.ts'
import { decide } from '../../../src/watchdog/decide.ts'
import { defaultPolicy } from '../../../src/watchdog/policy.ts'
import {
  aCandidate,
  aFailure,
  aHistory,
  aReservation,
  aSituation,
  anUnrenewed,
  issuer,
  minuteMs,
  nowMs,
  outcomes,
} from '../../support/restartCases.ts'

const owner = (name: string, replicas = 3) => ({ key: `shop/Deployment/${name}`, kind: 'ReplicaSet', replicas })

describe('what a new pod heals', () => {
  const healed = ['renewal_missed', 'expired', 'mount_stale', 'mount_detached', 'not_reloaded']

  test.each(allCodes.filter((code) => !healed.includes(code)))('is not %s', (code) => {
    expect(outcomes({ situation: aSituation([aCandidate({ code })]) })).toEqual({ 'uid-1': 'not_healed_by_restart' })
  })

  test.each(['mount_stale', 'mount_detached', 'not_reloaded'] as const)('is %s', (code) => {
    expect(outcomes({ situation: aSituation([aCandidate({ code })]) })).toEqual({ 'uid-1': 'canary' })
  })

  test.each(['renewal_missed', 'expired'] as const)('is %s of a lone workload', (code) => {
    expect(outcomes({ situation: aSituation([anUnrenewed({ code })]) })).toEqual({ 'uid-1': 'canary' })
  })
})

describe('one canary first', () => {
  const pods = [
    aCandidate({ pod: { uid: 'a', owner: owner('a'), node: 'node-1' } }),
    aCandidate({ pod: { uid: 'b', owner: owner('b'), node: 'node-1' } }),
    aCandidate({ pod: { uid: 'c', owner: owner('c'), node: 'node-2' } }),
    aCandidate({ pod: { uid: 'd', owner: owner('d'), node: 'node-2' } }),
  ]

  test('in the whole cluster', () => {
    const held = 'awaiting_canary'
    expect(outcomes({ situation: aSituation(pods) })).toEqual({ a: 'canary', b: held, c: held, d: held })
  })

  test('then one on each node', () => {
    const history = aHistory(aReservation(1, { node: 'node-1' }))
    expect(outcomes({ situation: aSituation(pods), history })).toEqual({
      ...{ a: 'canary', b: 'canary', c: 'canary', d: 'awaiting_canary' },
    })
  })

  test('then one of each owner', () => {
    const those = [1, 2, 3].map((i) => aCandidate({ pod: { uid: `a-${i}`, owner: owner('a', 9) } }))
    const elsewhere = aHistory(aReservation(1, { node: 'node-1' }))
    const here = aHistory(aReservation(1, { node: 'node-1', owner: 'shop/Deployment/a' }))
    expect(outcomes({ situation: aSituation(those), history: elsewhere })).toEqual({
      ...{ 'a-1': 'canary', 'a-2': 'awaiting_canary', 'a-3': 'awaiting_canary' },
    })
    expect(outcomes({ situation: aSituation(those), history: here })).toEqual({
      ...{ 'a-1': 'act', 'a-2': 'act', 'a-3': 'act' },
    })
  })

  test('for each cause', () => {
    const history = aHistory(aReservation(1, { node: 'node-1' }))
    const other = aCandidate({ code: 'mount_detached', pod: { uid: 'e', owner: owner('e') } })
    const another = aCandidate({ code: 'mount_detached', pod: { uid: 'f', owner: owner('f') } })
    expect(outcomes({ situation: aSituation([other, another]), history })).toEqual({
      ...{ e: 'canary', f: 'awaiting_canary' },
    })
  })

  test('anew once the proof is old', () => {
    const history = aHistory(aReservation(1, { node: 'node-1', actedMs: nowMs - 31 * minuteMs }))
    expect(outcomes({ situation: aSituation(pods.slice(0, 2)), history })).toEqual({
      a: 'canary',
      b: 'awaiting_canary',
    })
  })

  test('and a canary that has failed stops the others, also two among those that healed', () => {
    const held = { a: 'canary_failed', b: 'canary_failed' }
    const situation = aSituation(pods.slice(0, 2))
    const late = { node: 'node-1', actedMs: nowMs - 10 * minuteMs }
    expect(outcomes({ situation, history: aHistory(aFailure(1, { node: 'node-1' })) })).toEqual(held)
    const two = aHistory(aReservation(1, { node: 'node-1' }), aFailure(2, late), aFailure(3, late))
    expect(outcomes({ situation, history: two })).toEqual(held)
  })

  test('has siblings if any does, and is the one whose connections fail first', () => {
    const single = aCandidate({ impactMs: nowMs, pod: { uid: 'single', owner: owner('single', 1) } })
    const later = aCandidate({ impactMs: nowMs + 9, pod: { uid: 'later', owner: owner('later') } })
    const sooner = aCandidate({ impactMs: nowMs + 5, pod: { uid: 'sooner', owner: owner('sooner') } })
    expect(outcomes({ situation: aSituation([single, later, sooner]) })).toEqual({
      ...{ sooner: 'canary', later: 'awaiting_canary', single: 'awaiting_canary' },
    })
  })
})

test('a pod with two problems is restarted once', () => {
  const situation = aSituation([aCandidate(), aCandidate({ code: 'not_reloaded', svid: 'uid-1/other' })])
  const decisions = decide(situation, defaultPolicy, aHistory(), nowMs)
  expect(decisions.map((one) => (one.is === 'held' ? one.reason : one.is))).toEqual(['canary', 'in_hand'])
})

test('what is to be reserved names the pod, its owner, node, issuers and cause', () => {
  const [decision] = decide(aSituation([aCandidate()]), defaultPolicy, aHistory(), nowMs)
  expect(decision).toMatchObject({
    is: 'canary',
    wanted: {
      pod: 'uid-1',
      namespace: 'shop',
      owner: 'shop/Deployment/web',
      node: 'node-1',
      issuers: [issuer],
      cause: 'mount_stale',
    },
  })
})
