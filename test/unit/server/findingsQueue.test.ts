import { expect, it } from 'vitest'
import { FindingsQueue } from '../../../src/server/findingsQueue.ts'
import { FakeFindings } from '../../support/fakeFindings.ts'
import { mounted, svid } from '../../support/observations.ts'

const finding = (volume: string, version = 0) =>
  mounted({ volume, reading: { svid: svid({ fingerprint: `fingerprint-${version}` }) } })
const lineOf = (volume: string, version?: number) => ({ type: 'mounted', mounted: finding(volume, version) })
const unmounted = (volume: string) => ({ type: 'unmounted', podUid: 'pod-1', volume })

/** What a follower of `view` is still to hear. */
function follow(view: FakeFindings) {
  const queue = new FindingsQueue(view, () => true)
  view.follow('finding', (finding) => queue.addFinding(finding))
  view.follow('sight', () => queue.addSight())
  const take = (count = Infinity) => {
    const taken = []
    for (let line = queue.next(); line !== undefined; line = taken.length < count ? queue.next() : undefined)
      taken.push(line)
    return taken
  }
  return { take }
}

it('holds the newest state of each volume, however much changes before it is taken', () => {
  const view = new FakeFindings()
  const { take } = follow(view)
  take()
  for (let version = 0; version <= 10_000; version += 1) view.mount(finding('one', version))
  view.mount(finding('two'))
  view.unmount('pod-1', 'two')
  view.mount(finding('three'))
  view.unmount('pod-1', 'three')
  view.mount(finding('three', 1))
  expect(take()).toEqual([lineOf('one', 10_000), unmounted('two'), lineOf('three', 1)])
  expect(take()).toEqual([])
})

it('tells what changes during the snapshot before the snapshot ends', () => {
  const view = new FakeFindings()
  for (const volume of ['one', 'two', 'three']) view.mount(finding(volume))
  const { take } = follow(view)
  expect(take(2)).toEqual([{ type: 'snapshot' }, lineOf('one')])
  view.mount(finding('one', 1))
  view.unmount('pod-1', 'two')
  expect(take()).toEqual([unmounted('two'), lineOf('three'), lineOf('one', 1), { type: 'synced' }, { type: 'sighted' }])
})

it('tells the newest sight only, and after what was found', () => {
  const view = new FakeFindings()
  const { take } = follow(view)
  take()
  view.sight({ reason: 'unreadable', detail: 'EACCES' })
  view.sight({ reason: 'internal', detail: 'a bug' })
  view.mount(finding('one'))
  expect(take()).toEqual([lineOf('one'), { type: 'blind', reason: 'internal', detail: 'a bug' }])
})
