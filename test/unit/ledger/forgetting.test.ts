import { describe, expect, it } from 'vitest'
import { volumeHash } from '../../../src/identity/volumeHash.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { change, epochMs, podList, pod, request, requestList } from '../../support/observations.ts'
import {
  contact,
  copies,
  gone,
  hour,
  minute,
  mount,
  podGone,
  podSeen,
  unmount,
  watch,
} from '../../support/watchedLedger.ts'
import { surveyOf, svidsOf } from '../../support/ledgerReading.ts'

const shownOnce = [`issued web-1/spiffe ${hour}`]
/** A request for a volume that the pod does not have. */
const madeUp = request({ uid: 'made-up', volumeHash: volumeHash('pod-1', 'other') })
const back = podSeen({ volumes: ['spiffe', 'other'] })

/**
 * Nobody can look into the ledger's memory. But what it has not let go would be shown once a pod of that uid has such a volume.
 */
describe('nothing is kept', () => {
  const known = [...podList(pod()), ...requestList('9', request())]

  it.each<[string, Observation[]]>([
    ['of a pod that was deleted, and its requests after it', [...known, podGone, gone('request-1')]],
    ['of a pod that was deleted after its requests', [...known, gone('request-1'), podGone]],
    ['of a pod that was deleted, when its requests are not listed again', [...known, podGone, ...requestList('200')]],
    ['of a pod that is not listed again, when its requests were deleted', [...known, gone('request-1'), ...podList()]],
    [
      'of a request that was deleted before pods were listed, when its pod is not there',
      [...requestList('9', request()), gone('request-1'), ...podList()],
    ],
    ['of a made-up volume of a living pod', [...podList(pod()), change('added', madeUp), gone('made-up')]],
    [
      'of the volume that a request named before its label was changed',
      [
        ...podList(pod()),
        change('added', madeUp),
        change('modified', { ...madeUp, resourceVersion: '101', volumeHash: '' }),
      ],
    ],
    [
      'of the pod that a request named before its owner was changed',
      [
        ...podList(),
        change('added', request()),
        change('modified', request({ resourceVersion: '101', owner: { podUid: 'pod-2', podName: 'web-2' } })),
      ],
    ],
    ['of the files of a pod that was deleted', [...podList(pod()), mount(), podGone, unmount]],
    ['of the files of a pod that was deleted when its volume was gone', [...podList(pod()), mount(), unmount, podGone]],
    ['of the files of a pod that has ended', [...podList(pod()), mount(), podSeen({ ended: true }), unmount]],
  ])('%s', (_, observations) => {
    const { ledger } = watch(...observations)
    expect(copies(ledger)).toEqual([])
    ledger.report(back)
    expect(copies(ledger)).toEqual([])
  })

  it('of an SVID beyond its expiry while pods cannot be listed and no request is left', async () => {
    const { ledger, clock } = watch(...requestList('9', request()), gone('request-1'))
    const unconfirmed = [`issued web-1/${request().volumeHash} ${hour}`]
    await clock.advance(hour - 1)
    expect(copies(ledger)).toEqual(unconfirmed)
    await clock.advance(2)
    expect(copies(ledger)).toEqual([])
    ledger.forgetOld()
    ledger.report(back)
    expect(copies(ledger)).toEqual([])
  })
})

describe('what was issued is kept', () => {
  it.each<[string, Observation[]]>([
    ['while its pod lives, when the pod was deleted and is back with its request', [podGone, back]],
    [
      'while one of two requests for its volume is left',
      [change('added', { ...request({ uid: 'r2' }) }), gone('request-1')],
    ],
    ['while its pod lives, when it was deleted', [gone('request-1')]],
    ['while its pod lives, when it was deleted and pods are listed again', [gone('request-1'), ...podList(pod())]],
    [
      'while its pod lives, when its label was changed',
      [change('modified', request({ resourceVersion: '101', volumeHash: '' }))],
    ],
  ])('%s', (_, observations) => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()), ...observations)
    expect(copies(ledger)).toEqual(shownOnce)
  })

  it('beyond its expiry while pods cannot be listed, as long as its request is there', async () => {
    const { ledger, clock } = watch(...requestList('9', request()))
    await clock.advance(2 * hour)
    expect(copies(ledger)).toEqual([`issued web-1/${request().volumeHash} ${hour}`])
  })

  it('as long as its pod has to stop, and a minute: then its node is lost', async () => {
    const beingDeleted = pod({ deadlineMs: epochMs + minute })
    const { ledger, clock } = watch(...podList(beingDeleted), ...requestList('9', request()), mount())
    await clock.advance(2 * minute)
    expect(copies(ledger)).toHaveLength(2)
    await clock.advance(1)
    expect(copies(ledger)).toEqual([])
    expect(surveyOf(ledger).workloads.filter(({ count }) => count > 0)).toEqual([])
  })

  it('with the age of its last request', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()))
    const age = () => svidsOf(ledger).map(({ lastObservedMs }) => clock.now() - lastObservedMs)
    await clock.advance(minute)
    ;[change('modified', request({ resourceVersion: '101' })), contact('certificateRequests')].forEach(ledger.report)
    await clock.advance(minute)
    expect(age()).toEqual([minute])
    ledger.report(gone('request-1'))
    await clock.advance(minute)
    expect(age()).toEqual([minute])
    await clock.advance(minute)
    expect(age()).toEqual([2 * minute])
  })
})
