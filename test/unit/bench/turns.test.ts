import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { heard } from '../../bench/childProcess.ts'
import { longestOf, type Longest, type Turn } from '../../bench/turns/longest.ts'

describe('the longest of some turns', () => {
  const turn = (startMs: number, cpuMs: number, busyMs = cpuMs): Turn => ({
    startMs,
    endMs: startMs + 100,
    busyMs,
    cpuMs,
  })

  it('is 0 where there is none', () => {
    expect(longestOf([], [])).toEqual({ ownMs: 0, collectingMs: 0 })
  })

  it('is told without the pauses in it', () => {
    const turns = [turn(0, 30), turn(100, 40)]
    expect(longestOf(turns, [{ startMs: 110, ms: 15 }])).toEqual({ ownMs: 30, collectingMs: 15 })
  })

  it('is told without as much of a pause as it had the processor for', () => {
    expect(longestOf([turn(0, 30, 60)], [{ startMs: 10, ms: 20 }])).toEqual({ ownMs: 20, collectingMs: 10 })
  })
})

describe('a program whose turns are recorded', () => {
  let child: ChildProcess

  beforeEach(async () => {
    const folder = join(import.meta.dirname, '../..')
    child = fork(join(folder, 'support/busyProgram.ts'), {
      execArgv: ['--import', join(folder, 'bench/turns/recorder.ts')],
    })
    await heard(child)
  })
  afterEach(() => child.kill())

  async function longestWhile(what: string): Promise<Longest> {
    child.send('begin')
    const done = heard(child)
    child.send(what)
    await done
    const longest = heard<Longest>(child)
    child.send('end')
    return longest
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
})
