import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { copyFacts, endMs, missedMs, svidFacts } from '../../support/facts.ts'
import { fakeLedger } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

/** Diagnoses of SVIDs that a test changes, and the changes that a follower hears. */
function followed(atMs: number) {
  const clock = new ManualClock(atMs)
  const svids = { current: [] as SvidFacts[] }
  const diagnoses = new Diagnoses({ ...fakeLedger(), facts: () => svids.current }, clock)
  const heard: string[] = []
  const stop = diagnoses.follow(({ is, diagnosis: { code } }) => heard.push(`${is} ${code}`))
  return { clock, svids, diagnoses, heard, stop }
}

const missed = () => svidFacts({ mounted: copyFacts('mounted', missedMs + 1) })
const unreadable = svidFacts({ problem: 'missing' })

describe('a follower', () => {
  it('hears when a problem begins, changes and ends, once each', async () => {
    const { clock, svids, diagnoses, heard } = followed(endMs + 1)
    svids.current = [missed()]
    await diagnoses.judge()
    await clock.advance(60_000)
    await diagnoses.judge()
    expect(heard).toEqual(['begun renewal_missed'])
    svids.current = [{ ...missed(), muted: true }]
    await diagnoses.judge()
    svids.current = [svidFacts({ mounted: copyFacts('mounted', endMs + 1) })]
    await diagnoses.judge()
    svids.current = []
    await diagnoses.judge()
    expect(heard.slice(1)).toEqual(['changed renewal_missed', 'begun expired', 'ended renewal_missed', 'ended expired'])
  })

  it('hears nothing after it has stopped', async () => {
    const { svids, diagnoses, heard, stop } = followed(endMs + 1)
    stop()
    svids.current = [missed()]
    await diagnoses.judge()
    expect(heard).toEqual([])
  })
})

describe('a problem whose beginning is not observed', () => {
  it('exists since it was first judged, whatever changes, and since then if it comes again', async () => {
    const { clock, svids, diagnoses } = followed(endMs)
    const since = () => Array.from(diagnoses.all(), ({ sinceMs }) => sinceMs)
    svids.current = [unreadable]
    await diagnoses.judge()
    await clock.advance(60_000)
    svids.current = [{ ...unreadable, problem: 'empty' }]
    await diagnoses.judge()
    expect(since()).toEqual([endMs])
    svids.current = []
    await diagnoses.judge()
    svids.current = [unreadable]
    await diagnoses.judge()
    expect(since()).toEqual([endMs + 60_000])
  })
})

it('a problem that only time brings about is found within a second where judging takes no time', async () => {
  const { clock, svids, diagnoses } = followed(missedMs)
  const stopped = new AbortController()
  const running = diagnoses.run(stopped.signal, () => undefined)
  svids.current = [{ ...missed() }]
  await clock.advance(1_000)
  expect([...diagnoses.all()]).toHaveLength(1)
  stopped.abort()
  await running
})

it('a fault while judging leaves the problems as they were, and is told', async () => {
  const clock = new ManualClock(endMs)
  const failures: unknown[] = []
  let facts: () => SvidFacts[] = () => [unreadable]
  const diagnoses = new Diagnoses({ ...fakeLedger(), facts: () => facts() }, clock)
  const stopped = new AbortController()
  const running = diagnoses.run(stopped.signal, (error) => failures.push(error))
  await clock.advance(0)
  facts = () => {
    throw new Error('no facts')
  }
  await clock.advance(5_000)
  expect([...diagnoses.all()]).toHaveLength(1)
  expect(failures).toEqual([new Error('no facts')])
  stopped.abort()
  await running
})
