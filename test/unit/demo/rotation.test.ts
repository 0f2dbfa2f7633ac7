import { expect, test } from 'vitest'
import { rotateCa } from '../../../src/demo/rotation.ts'
import type { RotationOrder } from '../../../src/demo/rotationOrders.ts'
import type { TrustActs } from '../../../src/world/trustActs.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

/** What happens in a world with one pod, and whether its SVID verifies in the end. */
async function rotated(order: RotationOrder) {
  const { world, clock, pod, until } = await worldOnHold([{}])
  const lines: string[] = []
  let broke = 0
  const print = (text: string) => void lines.push(text.replace(/^ +\S+ +/, ''))
  const ended = { is: false }
  const running = rotateCa(world, { clock, order, print, paint: (_style, text) => text }, new AbortController().signal)
  void running.then(() => (ended.is = true))
  await until(async () => {
    if ((await pod()).verifies === false) broke += 1
    expect(ended.is).toBe(true)
  })
  return { lines, broke, verifies: (await pod()).verifies }
}

test('a new CA that signs early breaks trust until it is distributed', async () => {
  const { lines, broke, verifies } = await rotated('early')
  expect(lines).toEqual([
    'rotation  ClusterIssuer/spiffe-ca                   a new CA signs from now on, and no trust bundle has it: trust-manager is down',
    'rotation  ClusterIssuer/spiffe-ca                   trust-manager is back: within 30 s, all trust bundles have the new CA',
    'rotation  ClusterIssuer/spiffe-ca                   the old CA has left the trust bundles: no SVID needs it any more',
  ])
  expect(broke).toBeGreaterThan(60)
  expect(verifies).toBe(true)
})

test('an orderly rotation breaks nothing', async () => {
  const { lines, broke, verifies } = await rotated('orderly')
  expect(lines).toEqual([
    'rotation  ClusterIssuer/spiffe-ca                   a new CA is on its way into the trust bundles, and does not sign yet',
    'rotation  ClusterIssuer/spiffe-ca                   the new CA signs from now on, and all trust bundles have it',
    'rotation  ClusterIssuer/spiffe-ca                   the old CA has left the trust bundles: no SVID needs it any more',
  ])
  expect(broke).toBe(0)
  expect(verifies).toBe(true)
})

test('a demo that ends before has no rotation', async () => {
  const clock = new ManualClock()
  const stopped = new AbortController()
  const happened: string[] = []
  const world = new Proxy({} as TrustActs, { get: (_, act) => () => happened.push(String(act)) })
  const print = (text: string) => void happened.push(text)
  const running = rotateCa(world, { clock, order: 'early', print, paint: (_style, text) => text }, stopped.signal)
  await clock.advance(119_999)
  stopped.abort()
  await running
  expect(happened).toEqual([])
})
