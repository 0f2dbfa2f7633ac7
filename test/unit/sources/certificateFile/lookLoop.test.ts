import { expect, test } from 'vitest'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { LookLoop, type Trouble } from '../../../../src/sources/certificateFile/lookLoop.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { realFiles } from '../../../support/realFiles.ts'

const trouble = (detail: string): Trouble => ({ reason: 'unreadable', detail })

test('every contact is told, trouble when it changes, faults as internal trouble, and the loop goes on', async () => {
  const outcomes = [undefined, undefined, trouble('a'), trouble('a'), trouble('b'), new Error('broken'), undefined]
  const observations: Observation[] = []
  const clock = new ManualClock()
  const ended = new AbortController()
  const loop = new LookLoop({
    clock,
    files: realFiles,
    source: 'files',
    report: (observation) => observations.push(observation),
  })
  const look = () => {
    const outcome = outcomes.shift()
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)
  }
  const running = loop.run({ look, read: () => Promise.resolve() }, ended.signal)
  await clock.advance(7_000)
  ended.abort()
  await running

  const contact = { kind: 'contact', source: 'files' }
  expect(observations).toEqual([
    contact,
    contact,
    { kind: 'trouble', source: 'files', reason: 'unreadable', detail: 'a' },
    { kind: 'trouble', source: 'files', reason: 'unreadable', detail: 'b' },
    { kind: 'trouble', source: 'files', reason: 'internal', detail: 'broken' },
    contact,
    contact,
  ])
})

test('a ring is answered once the files have settled, and many rings at once', async () => {
  let reads = 0
  const clock = new ManualClock()
  const ended = new AbortController()
  const loop = new LookLoop({ clock, files: realFiles, source: 'files', report: () => undefined })
  const read = () => {
    reads += 1
    return Promise.resolve()
  }
  const running = loop.run({ look: () => Promise.resolve(undefined), read }, ended.signal)
  await clock.advance(0)
  expect(reads).toBe(1)
  for (let ring = 0; ring < 50; ring += 1) {
    loop.requestRead()
    await clock.advance(2)
  }
  expect(reads).toBe(2)
  ended.abort()
  await running
})
