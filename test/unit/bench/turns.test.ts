import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { heard } from '../../bench/childProcess.ts'
import { longestOf, type Longest, type TraceEvent } from '../../bench/turns/longest.ts'

describe('the longest of some turns', () => {
  const [pid, otherThread] = [1, 2]
  /** Something that the thread of the event loop did, in ms of its processor time. */
  const event = (name: string, atMs: number, ms: number): TraceEvent => ({
    ...{ name, pid, tid: pid },
    ...{ tts: atMs * 1000, tdur: ms * 1000 },
  })
  const turnsAt = (...atMs: readonly number[]) => atMs.map((ms) => event('CheckImmediate', ms, 0))

  it('is unknown where no turn was traced from its begin to its end', () => {
    expect(() => longestOf(turnsAt(10))).toThrow('no turn of the event loop was traced')
  })

  it('is the most processor time of one turn', () => {
    expect(longestOf(turnsAt(10, 40, 80, 90))).toEqual({ ownMs: 40, collectingMs: 0 })
  })

  it('is told without the garbage collection in it, which counts in the turn that it belongs to', () => {
    const collections = [event('V8.GCScavenger', 50, 5), event('V8.GCFinalizeMC', 60, 10)]
    expect(longestOf([...turnsAt(10, 40, 80), ...collections])).toEqual({ ownMs: 30, collectingMs: 15 })
  })

  it('is told without the steps of marking in it', () => {
    const steps = Array.from({ length: 5 }, (_, index) => event('V8.GCIncrementalMarking', 20 + 5 * index, 4))
    expect(longestOf([...turnsAt(10, 50), ...steps])).toEqual({ ownMs: 20, collectingMs: 20 })
  })

  it('counts a collection within another one once', () => {
    const nested = [event('V8.GCFinalizeMC', 20, 10), event('V8.GCScavenger', 22, 3)]
    expect(longestOf([...turnsAt(10, 50), ...nested])).toEqual({ ownMs: 30, collectingMs: 10 })
  })

  it('does not depend on the order in which it is told of events', () => {
    const events = [event('V8.GCScavenger', 45, 5), ...turnsAt(80, 40, 10)]
    expect(longestOf(events)).toEqual({ ownMs: 35, collectingMs: 5 })
  })

  it('has nothing of other threads', () => {
    const elsewhere = turnsAt(0, 1000).map((one) => ({ ...one, tid: otherThread }))
    expect(longestOf([...elsewhere, ...turnsAt(10, 12)])).toEqual({ ownMs: 2, collectingMs: 0 })
  })
})

describe('a program whose turns are recorded', () => {
  let child: ChildProcess

  beforeEach(async () => {
    const folder = join(import.meta.dirname, '../..')
    child = fork(join(folder, 'support/busyProgram.ts'), {
      // `vm.measureMemory` is experimental.
      execArgv: ['--import', join(folder, 'bench/turns/recorder.ts'), '--disable-warning=ExperimentalWarning'],
    })
    await heard(child)
  })
  afterEach(() => child.kill())

  async function told<Answer>(what: string): Promise<Answer> {
    const answer = heard<Answer>(child)
    child.send(what)
    return answer
  }

  async function longestWhile(what: string): Promise<Longest> {
    await told('begin')
    await told(what)
    return told('end')
  }

  it('tells of a long turn', async () => {
    const { ownMs } = await longestWhile('work for 60 ms at once')
    expect(ownMs).toBeGreaterThan(55)
    expect(ownMs).toBeLessThan(200)
  })

  it('tells turns apart that follow each other at once', async () => {
    const { ownMs } = await longestWhile('work for 60 ms in turns of 10 ms')
    expect(ownMs).toBeGreaterThan(9)
    expect(ownMs).toBeLessThan(55)
  })

  it('counts no time in which the thread had no processor', async () => {
    expect((await longestWhile('sleep for 100 ms in one turn')).ownMs).toBeLessThan(55)
  })

  it('tells collecting garbage apart', async () => {
    const { collectingMs } = await longestWhile('collect garbage')
    expect(collectingMs).toBeGreaterThan(0)
  })

  it('tells marking in steps apart', async () => {
    await told('keep a million objects')
    const { ownMs, collectingMs } = await longestWhile('mark all objects in steps')
    expect(collectingMs).toBeGreaterThan(ownMs)
  })
})
