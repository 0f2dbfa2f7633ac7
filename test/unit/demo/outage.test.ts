import { expect, test } from 'vitest'
import { loseIssuer } from '../../../src/demo/outage.ts'
import { ManualClock } from '../../support/manualClock.ts'

function planned() {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12))
  const stopped = new AbortController()
  const happened: string[] = []
  const world = { stopIssuer: () => void happened.push('the issuer has stopped') }
  const print = (text: string) => void happened.push(text)
  const ended = loseIssuer(world, { clock, afterMs: 90_000, print, paint: (_style, text) => text }, stopped.signal)
  return { clock, stopped, happened, ended }
}

test('the issuer works until its time has come, and then one line says that it does not', async () => {
  const { clock, happened, ended } = planned()
  await clock.advance(89_999)
  expect(happened).toEqual([])
  await clock.advance(1)
  await ended
  expect(happened).toEqual([
    'the issuer has stopped',
    '  12:01:30  outage    ClusterIssuer/spiffe-ca                   its key is gone: every request waits from now on',
  ])
})

test('a demo that ends before has no outage', async () => {
  const { stopped, happened, ended } = planned()
  stopped.abort()
  await ended
  expect(happened).toEqual([])
})
