import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileCalls, NoAnswer } from '../../../src/files/fileCalls.ts'
import { ManualClock } from '../../support/manualClock.ts'

const notInTime = 'its file system has not answered within 10 s'

/** Calls that end when the test says so. */
function endless() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let begun = 0
  const calls = () => {
    begun += 1
    return promise
  }
  return { calls, resolve, reject, begun: () => begun }
}

test('calls that end in time give what they found, and their errors', async () => {
  const files = new FileCalls(new ManualClock())
  expect(await files.run('a', () => Promise.resolve(1))).toBe(1)
  await expect(files.run('a', () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
  expect(files.isBusy('a')).toBe(false)
})

test('calls that do not end within 10 s are stuck until they end, and none is made twice', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const first = endless()
  const second = endless()
  let lateEnds = 0
  const answer = files.run('a', first.calls, () => {
    lateEnds += 1
  })
  await clock.advance(9_999)
  expect(files.isStuck('a')).toBe(false)
  await clock.advance(1)
  expect(await answer).toEqual(new NoAnswer(notInTime))
  expect(await files.run('a', second.calls)).toEqual(new NoAnswer(notInTime))
  expect([files.isStuck('a'), second.begun(), lateEnds]).toEqual([true, 0, 0])

  first.resolve('late')
  await clock.advance(0)
  expect([files.isBusy('a'), lateEnds]).toEqual([false, 1])
  expect(await files.run('a', () => Promise.resolve(2))).toBe(2)
})

test('calls under the same name are made one after the other', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const all = [endless(), endless(), endless()]
  const answers = all.map(({ calls }) => files.run('a', calls))
  await clock.advance(0)
  expect(all.map(({ begun }) => begun())).toEqual([1, 0, 0])
  all[0]?.resolve('first')
  await clock.advance(0)
  expect(await answers[0]).toBe('first')
  expect(all.map(({ begun }) => begun())).toEqual([1, 1, 0])
  await clock.advance(10_000)
  expect(await Promise.all(answers.slice(1))).toEqual([new NoAnswer(notInTime), new NoAnswer(notInTime)])
  expect(all.map(({ begun }) => begun())).toEqual([1, 1, 0])
})

test('calls that fail long after their time end as others do', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const { calls, reject } = endless()
  void files.run('a', calls)
  await clock.advance(10_000)
  reject(new Error('ENOTCONN'))
  await clock.advance(0)
  expect(files.isBusy('a')).toBe(false)
})

test('at most 32 calls are under way, and others wait for a place', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const all = Array.from({ length: 40 }, endless)
  for (const [index, { calls }] of all.entries()) void files.run(`volume ${index}`, calls)
  await clock.advance(0)
  expect(all.filter(({ begun }) => begun() > 0)).toHaveLength(32)
  for (const { resolve } of all.slice(0, 5)) resolve('')
  await clock.advance(0)
  expect(all.filter(({ begun }) => begun() > 0)).toHaveLength(37)
})

test('a place that is left goes to the one that has waited longest, whoever comes in the same moment', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock, 1)
  const [first, waits, late] = [endless(), endless(), endless()]
  const left = files.run('first', first.calls)
  void files.run('waits', waits.calls)
  void left.then(() => files.run('late', late.calls))
  first.resolve('')
  await clock.advance(0)
  expect([waits.begun(), late.begun()]).toEqual([1, 0])
  waits.resolve('')
  await clock.advance(0)
  expect(late.begun()).toBe(1)
})

test('when stuck calls have all places, nothing else can be read, and some of them are named', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const all = Array.from({ length: 32 }, endless)
  for (const [index, { calls }] of all.entries()) void files.run(`volume ${index}`, calls)
  const waiting = files.run('waits', () => Promise.resolve('never'))
  await clock.advance(9_999)
  expect(files.blindness).toBeUndefined()
  await clock.advance(1)
  const detail =
    'no file can be read, because 32 volumes or files do not answer: volume 0, volume 1, volume 2 and 29 more'
  expect(files.blindness).toBe(detail)
  expect(await waiting).toEqual(new NoAnswer(detail))
  expect(files.isStuck('waits')).toBe(false)

  all[7]?.resolve('')
  await clock.advance(0)
  expect(files.blindness).toBeUndefined()
  expect(await files.run('waits', () => Promise.resolve('now'))).toBe('now')
})

test('those who read the same file at the same time get the same text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-calls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'ca.pem')
  await writeFile(path, 'text')
  const files = new FileCalls(new ManualClock(), 1)
  const bounds = { maxBytes: 100 }
  expect(await Promise.all([files.readText(path, bounds), files.readText(path, bounds)])).toEqual([
    { text: 'text' },
    { text: 'text' },
  ])
  await writeFile(path, 'other')
  expect(await files.readText(path, bounds)).toEqual({ text: 'other' })
})

test('slow work is waited for half a second, and goes on', async () => {
  const clock = new ManualClock()
  const files = new FileCalls(clock)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let waited = false
  const work = files.run('a', () => promise).then(() => undefined)
  const waiting = files.unlessSlow(work).then(() => {
    waited = true
  })
  await clock.advance(499)
  expect(waited).toBe(false)
  await clock.advance(1)
  await waiting
  expect(files.isBusy('a')).toBe(true)
  resolve(undefined)
  await work
})
