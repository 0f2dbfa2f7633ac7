import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../src/ledger/observations.ts'
import { Rotations, againMs, mountWaitMs, type FinishedRotation } from '../../../src/traces/rotations.ts'
import { change, epochMs, mounted, nodeTells, pod, podList, request, requestList } from '../../support/observations.ts'
import { commit, mount, watch } from '../../support/watchedLedger.ts'

/** Rotations over a ledger, and those that are finished, as `uid mounted-after` or `uid -`. */
function following(...observations: readonly Observation[]) {
  const { ledger, clock } = watch()
  const finished: FinishedRotation[] = []
  const rotations = new Rotations({
    clock,
    follow: ledger.follow,
    placeOf: (one) => ledger.placeOf(one),
    finished: (one) => finished.push(one),
  })
  observations.forEach(ledger.report)
  const ended = () => {
    Array.from(rotations.sweep())
    return finished.map(
      ({ request: { uid }, mount: at }) => `${uid} ${at ? `${at.at.ms - epochMs} ${at.at.source}` : '-'}`,
    )
  }
  const pass = async (ms: number) => {
    await clock.advance(ms)
    Array.from(rotations.sweep())
  }
  return { ledger, clock, rotations, finished, ended, pass }
}

const started = [...podList(pod()), ...requestList('1')]
const seen = nodeTells('node-1')
const issued = change('added', request())
const written = mount({ writtenMs: epochMs + 250 })
/** The age of node roles after which a node without one has none. */
const settled = 30_000

describe('a rotation is finished', () => {
  it('once its SVID is mounted', async () => {
    const { ledger, clock, ended } = following(...started, ...seen, issued)
    expect(ended()).toEqual([])
    await clock.advance(250)
    ledger.report(written)
    expect(ended()).toEqual(['request-1 250 file'])
  })

  it('by the next sweep, so that whoever reports the mount does not wait for the spans', () => {
    const { ledger, finished, rotations } = following(...started, ...seen, issued)
    ledger.report(written)
    expect(finished).toEqual([])
    Array.from(rotations.sweep())
    expect(finished).toHaveLength(1)
  })

  it('at once if its SVID is known to be mounted, with what was counted of the mount', async () => {
    const { ledger, clock, ended, finished } = following(...started, ...seen)
    ledger.showCommittedOnly(undefined)
    ledger.report(issued)
    await clock.advance(250)
    ledger.report(written)
    expect(ended()).toEqual([])
    commit(ledger)
    expect(ended()).toEqual(['request-1 250 file'])
    expect(finished[0]?.delivery?.seconds).toBe(0.25)
  })

  it('with the time at which the file was seen, if nobody knows when it was written', async () => {
    const { ledger, clock, ended } = following(...started, ...seen, issued)
    await clock.advance(400)
    ledger.report(mount())
    expect(ended()).toEqual(['request-1 400 observed'])
  })

  it('without a mount where no node role sees the node, once node roles had the time to be heard', async () => {
    const { ledger, ended, pass } = following(...started, issued)
    await pass(settled - 1)
    expect(ended()).toEqual([])
    await pass(1)
    expect(ended()).toEqual(['request-1 -'])
    ledger.report(change('added', request({ uid: 'later', resourceVersion: '102' })))
    expect(ended()).toEqual(['request-1 -', 'later -'])
  })

  it('without a mount if that does not come in time', async () => {
    const { ledger, ended, pass } = following(...started, ...seen, issued)
    await pass(mountWaitMs - 1)
    expect(ended()).toEqual([])
    await pass(1)
    ledger.report(written)
    expect(ended()).toEqual(['request-1 -'])
  })

  it('at once if it was denied or failed, or no pod owns the request', () => {
    const { owner, ...unowned } = request({ uid: 'unowned' })
    expect(owner).toBeDefined()
    const { ended } = following(
      ...started,
      ...seen,
      change('added', request({ uid: 'denied', state: 'denied', reason: 'denied_policy', concludedMs: epochMs })),
      change('added', request({ uid: 'failed', state: 'failed', reason: 'failed_signing', concludedMs: epochMs })),
      change('added', unowned),
    )
    expect(ended()).toEqual(['denied -', 'failed -', 'unowned -'])
  })

  it('at the latest when the process ends, and nothing is followed after that', () => {
    const { ledger, rotations, ended } = following(...started, ...seen, issued)
    rotations.close()
    ledger.report(change('added', request({ uid: 'later', resourceVersion: '102' })))
    expect(ended()).toEqual(['request-1 -'])
  })

  it('early where 10,000 newer ones wait for their mounts', () => {
    const { ledger, ended } = following(...started, ...seen)
    for (let index = 0; index <= 10_000; index += 1)
      ledger.report(change('added', request({ uid: `${index}`, resourceVersion: `${100 + index}` })))
    expect(ended()).toEqual(['0 -'])
  })
})

describe('after a restart', () => {
  it('a rotation that has ended shortly before is told again, with its mount', () => {
    const { ended, finished } = following(
      ...requestList('100', request()),
      ...podList(pod()),
      ...nodeTells('node-1', mounted({ writtenMs: epochMs + 250 })),
    )
    expect(ended()).toEqual(['request-1 250 file'])
    expect(finished[0]?.concluded).toBeUndefined()
  })

  it('a rotation that has ended long before is not', async () => {
    const { ledger, clock, rotations, ended } = following()
    await clock.advance(againMs + 1)
    for (const observation of [...requestList('100', request()), ...podList(pod())]) ledger.report(observation)
    rotations.close()
    expect(ended()).toEqual([])
  })
})
