import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import type { FileObservation } from '../../../../src/ledger/workloads/observations.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import {
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../../support/observations.ts'
import {
  approved,
  contact,
  copies,
  denied,
  gone,
  hour,
  minute,
  mount,
  podGone,
  podSeen,
  unmount,
  watch,
} from '../../../support/watchedLedger.ts'
import { surveyOf, svidsOf, withoutSlot } from '../../../support/ledgerReading.ts'

const unreadable: Observation = mount({ reading: { problem: 'empty', detail: '' } })

describe('a workload', () => {
  it('is told by its pod, its request and its file, in any order', () => {
    const [one, two, three] = [podSeen(), change('added', request()), mount()] as const
    const expected = [`issued web-1/spiffe ${hour}`, `mounted web-1/spiffe ${hour}`]
    for (const order of [
      [one, two, three],
      [one, three, two],
      [two, one, three],
      [two, three, one],
      [three, one, two],
      [three, two, one],
    ])
      expect(copies(watch(...podList(), ...requestList('9'), ...order).ledger)).toEqual(expected)
  })

  it('carries every label', () => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()), mount())
    expect(svidsOf(ledger).map(({ labels }) => labels)).toEqual(
      ['issued', 'mounted'].map((copy) => ({
        spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
        trust_domain: 'example.org',
        namespace: 'team-a',
        pod: 'web-1',
        volume: 'spiffe',
        node: 'node-1',
        issuer: 'ClusterIssuer/spiffe-ca',
        file: '',
        copy,
      })),
    )
  })

  it('keeps its labels object as long as nothing in it changes', () => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()))
    const labels = () => svidsOf(ledger)[0]?.labels
    const before = labels()
    ;[mount(), podSeen({ mountedSinceMs: [1000] })].forEach(ledger.report)
    expect(labels()).toBe(before)
    ledger.report(change('added', request({ uid: 'renewal', createdMs: epochMs + hour, svid: svid({}, 60) })))
    expect(labels()).toBe(before)
    ledger.report(podSeen({ node: 'node-2' }))
    expect(labels()).toMatchObject({ node: 'node-2' })
  })

  it('names the issuer of its newest request on both copies', () => {
    const { ledger } = watch(...podList(pod()), mount())
    const issuers = () => svidsOf(ledger).map(({ labels }) => labels.issuer)
    expect(issuers()).toEqual([''])
    requestList('9', request()).forEach(ledger.report)
    expect(issuers()).toEqual(['ClusterIssuer/spiffe-ca', 'ClusterIssuer/spiffe-ca'])
    ledger.report(change('added', request({ uid: 'r2', createdMs: epochMs + hour, issuer: 'Issuer/team-a/ca' })))
    expect(issuers()).toEqual(['Issuer/team-a/ca', 'Issuer/team-a/ca'])
  })

  it.each<[string, RequestObservation[], string]>([
    ['the one that waits', [approved('r1', '5')], 'ClusterIssuer/spiffe-ca'],
    [
      'the newest that waits, was denied or failed',
      [
        { ...denied('r2', '6'), createdMs: epochMs + hour, issuer: 'ClusterIssuer/new' },
        { ...approved('r1', '5'), issuer: 'ClusterIssuer/old' },
      ],
      'ClusterIssuer/new',
    ],
    [
      'the one that was issued, whichever waits',
      [request(), { ...approved('r2', '6'), createdMs: epochMs + hour, issuer: 'ClusterIssuer/new' }],
      'ClusterIssuer/spiffe-ca',
    ],
  ])('names the issuer of %s on the mounted copy', (_, requests, issuer) => {
    const shown = (...observations: Observation[]) => {
      const { ledger } = watch(...podList(pod()), ...observations)
      const mounted = svidsOf(ledger).filter(({ labels }) => labels.copy === 'mounted')
      return mounted.map(({ labels }) => labels.issuer)
    }
    expect(shown(mount(), ...requestList('9', ...requests))).toEqual([issuer])
    expect(shown(...requestList('9', ...requests), mount())).toEqual([issuer])
    expect(shown(...requestList('9', ...requests), mount(), ...requests.map(({ uid }) => gone(uid)))).toEqual([issuer])
  })

  it.each<[string, Observation[], string[]]>([
    [
      'the newest request counts',
      [
        change(
          'added',
          request({ uid: 'r2', createdMs: epochMs + hour, svid: svid({ notAfterMs: epochMs + 2 * hour }) }),
        ),
      ],
      [`issued web-1/spiffe ${2 * hour}`],
    ],
    [
      'the later of two requests of one second counts',
      [change('added', request({ uid: 'r2', svid: svid({ notAfterMs: epochMs + 2 * hour }) }))],
      [`issued web-1/spiffe ${2 * hour}`],
    ],
    [
      'a denied one stays beside an issued one',
      [change('added', request({ uid: 'r2', createdMs: epochMs + hour, state: 'denied', reason: 'denied_other' }))],
      [`issued web-1/spiffe ${hour}`],
    ],
    [
      'an older request that comes late changes nothing',
      [change('added', request({ uid: 'r0', createdMs: epochMs - hour, svid: svid({}, 60) }))],
      [`issued web-1/spiffe ${hour}`],
    ],
    ['what was issued stays known when its request is deleted', [gone('request-1')], [`issued web-1/spiffe ${hour}`]],
    ['an ended pod is silent', [podSeen({ ended: true })], []],
    ['a deleted pod is gone', [podGone], []],
    ['a pod that is not listed again is gone', podList(), []],
  ])('%s', (_, observations, expected) => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()), ...observations)
    expect(copies(ledger)).toEqual(expected)
  })

  it.each<[string, Partial<RequestObservation>]>([
    ['of another namespace', { namespace: 'attacker' }],
    ['for a volume that the pod does not have', { volumeHash: 'bcdfgh' }],
  ])('is not touched by requests %s that name its pod', (_, forged) => {
    const honest = [...podList(pod()), ...requestList('9', request()), mount()]
    const lie = request({
      uid: 'forged',
      createdMs: epochMs + hour,
      issuer: 'ClusterIssuer/evil',
      svid: svid({}, -60),
      ...forged,
    })
    const views = (ledger: Ledger) => [...svidsOf(ledger).map(withoutSlot), ...surveyOf(ledger).drifts]
    expect(views(watch(...honest, change('added', lie)).ledger)).toEqual(views(watch(...honest).ledger))
    expect(views(watch(change('added', lie), ...honest).ledger)).toEqual(views(watch(...honest).ledger))
  })

  it('without an owner is no workload', () => {
    const { owner, ...ownerless } = request()
    expect(owner).toBeDefined()
    expect(copies(watch(...podList(pod()), ...requestList('9', ownerless)).ledger)).toEqual([])
  })

  it('of a pod that was deleted does not come back with its leftover request', () => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()), podGone)
    ledger.report(change('modified', request({ resourceVersion: '101' })))
    expect(copies(ledger)).toEqual([])
  })

  it('is named by what the request says while pods cannot be seen', () => {
    const { ledger } = watch(...requestList('9', request()))
    expect(copies(ledger)).toEqual([`issued web-1/${request().volumeHash} ${hour}`])
  })

  it('is shown once when its pod is known before the first list of pods ends', () => {
    const { ledger } = watch(podSeen(), ...requestList('9', request()), mount(), unreadable)
    expect(copies(ledger)).toEqual([`issued web-1/spiffe ${hour}`, `mounted web-1/spiffe ${hour}`])
    expect(surveyOf(ledger).unreadable).toHaveLength(1)
  })

  it('is named by the uid of its pod where nobody knows more', () => {
    expect(copies(watch(mount()).ledger)).toEqual([`mounted pod-1/spiffe ${hour}`])
  })
})

describe('a certificate file', () => {
  it('is a workload of its own, in a process that watches nothing else', () => {
    const ledger = new Ledger({ clock: new ManualClock(), sources: ['files'], maxIssuers: 10 })
    ledger.report({ kind: 'contact', source: 'files' })
    ledger.report({ kind: 'file', file: { path: '/svid.pem', reading: { svid: svid() } } })
    ledger.report({ kind: 'file', file: { path: '/svid.pem', reading: { problem: 'empty', detail: '' } } })
    expect(svidsOf(ledger)).toMatchObject([
      { labels: { file: '/svid.pem', copy: 'mounted', pod: '' }, problem: 'empty', lastObservedMs: epochMs },
    ])
  })
})

describe('what can no longer be seen stays, with its age', () => {
  const lastObserved = (ledger: Ledger) => svidsOf(ledger).map(({ lastObservedMs }) => lastObservedMs - epochMs)

  it('while it is seen, it was seen when its source had evidence of its system last', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), mount())
    await clock.advance(minute)
    expect(lastObserved(ledger)).toEqual([0, 0])
    ledger.report(contact('mountedSvids'))
    expect(lastObserved(ledger)).toEqual([0, minute])
  })

  it('before its source has evidence of its system, it was seen when it was reported, whatever the clock is set to', async () => {
    const clock = new ManualClock()
    const ledger = new Ledger({ clock, sources: ['pods', 'mountedSvids'], maxIssuers: 10 })
    ;[...podList(pod()), mount()].forEach(ledger.report)
    const ages = () => svidsOf(ledger).map(({ lastObservedMs }) => clock.now() - lastObservedMs)
    await clock.advance(minute)
    expect(ages()).toEqual([minute])
    clock.setBack(hour)
    expect(ages()).toEqual([minute])
  })

  it('when a source is blind', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), mount())
    await clock.advance(minute)
    ledger.report({ kind: 'trouble', source: 'certificateRequests', reason: 'unreachable', detail: 'gone' })
    ledger.report(contact('mountedSvids'))
    expect(lastObserved(ledger)).toEqual([0, minute])
    await clock.advance(minute)
    ledger.report(contact('certificateRequests'))
    expect(lastObserved(ledger)).toEqual([2 * minute, minute])
  })

  it('when one file cannot be read', async () => {
    const { ledger, clock } = watch(...podList(pod()), mount())
    await clock.advance(minute)
    ledger.report(unreadable)
    await clock.advance(minute)
    ledger.report(unreadable)
    expect(lastObserved(ledger)).toEqual([minute])
    expect(svidsOf(ledger).map(({ problem }) => problem)).toEqual(['empty'])
    ;[mount(), contact('mountedSvids')].forEach(ledger.report)
    expect(lastObserved(ledger)).toEqual([2 * minute])
  })

  it('and what cannot be read is told, with the reason, also where it never could', () => {
    const missing: Observation = {
      kind: 'file',
      file: { path: '/svid.pem', reading: { problem: 'missing', detail: '' } },
    }
    const never = mount({ podUid: 'pod-2', reading: { problem: 'unmounted', detail: '' } })
    const { ledger } = watch(
      ...podList(pod(), pod({ uid: 'pod-2', name: 'web-2' })),
      mount(),
      unreadable,
      never,
      missing,
    )
    const told = () =>
      surveyOf(ledger).unreadable.map(({ labels: { spiffe_id, pod: name, file }, reason }) => [
        spiffe_id,
        name,
        file,
        reason,
      ])
    expect(told()).toEqual([
      ['spiffe://example.org/ns/team-a/sa/web', 'web-1', '', 'empty'],
      ['', 'web-2', '', 'unmounted'],
      ['', '', '/svid.pem', 'missing'],
    ])
    const file: Observation = { kind: 'file', file: { path: '/svid.pem', reading: { svid: svid() } } }
    ;[mount(), mount({ podUid: 'pod-2' }), file].forEach(ledger.report)
    expect(told()).toEqual([])
  })

  it('and a workload lists the files that could never be read, until they can', () => {
    const never = mount({ podUid: 'pod-2', reading: { problem: 'unmounted', detail: '' } })
    const file = (reading: FileObservation['reading']): Observation => ({
      kind: 'file',
      file: { path: '/svid.pem', reading },
    })
    const { ledger } = watch(
      ...podList(pod(), pod({ uid: 'pod-2', name: 'web-2' })),
      ...[mount(), unreadable, never, file({ problem: 'missing', detail: '' })],
    )
    const listed = () =>
      Array.from(ledger.workloads(), (workload) => ({
        size: workload.size,
        copies: workload.copies().length,
        unread: workload.unread().map(({ labels, reason }) => `${labels.pod}${labels.file} ${reason}`),
      }))
    expect(listed()).toEqual([
      { size: 1, copies: 1, unread: [] },
      { size: 1, copies: 0, unread: ['web-2 unmounted'] },
      { size: 1, copies: 0, unread: ['/svid.pem missing'] },
    ])
    ;[mount({ podUid: 'pod-2' }), file({ svid: svid() })].forEach(ledger.report)
    const read = { size: 1, copies: 1, unread: [] }
    expect(listed()).toEqual([read, read, read])
  })

  it('also when the volume of a running pod is gone, until the pod is', async () => {
    const { ledger, clock } = watch(...podList(pod()), mount())
    await clock.advance(minute)
    ledger.report(unmount)
    await clock.advance(minute)
    expect(lastObserved(ledger)).toEqual([minute])
    expect(surveyOf(ledger).unreadable.map(({ reason }) => reason)).toEqual(['unmounted'])
    ;[podGone, podSeen()].forEach(ledger.report)
    expect(copies(ledger)).toEqual([])
  })

  it('until its volume is gone', () => {
    const { ledger } = watch(mount(), unreadable, unmount)
    expect(copies(ledger)).toEqual([])
  })
})

describe('the state of a copy', () => {
  it.each([
    ['valid', 40 * minute],
    ['renewal_overdue', 40 * minute + 1],
    ['renewal_overdue', hour],
    ['expired', hour + 1],
  ])('is %s after %d ms of an hour', async (state, afterMs) => {
    const { ledger, clock } = watch(...podList(pod()), mount())
    await clock.advance(afterMs)
    expect(svidsOf(ledger).map((view) => [view.state, view.renewalDueMs - epochMs])).toEqual([[state, 40 * minute]])
  })
})

describe('drift', () => {
  const renewed = request({
    uid: 'r2',
    createdMs: epochMs + 1,
    svid: svid({ notBeforeMs: epochMs + 40 * minute, fingerprint: 'new' }),
  })
  const causes = (ledger: Ledger) => surveyOf(ledger).drifts.map(({ labels, cause }) => `${labels.pod} ${cause}`)

  it('shows when the mounted SVID stays older than the issued one, once the driver has had time to write it', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), mount())
    expect(causes(ledger)).toEqual([])
    ledger.report(change('added', renewed))
    await clock.advance(9_999)
    ledger.report(contact('mountedSvids'))
    expect(causes(ledger)).toEqual([])
    await clock.advance(1)
    expect(causes(ledger)).toEqual([])
    ledger.report(contact('mountedSvids'))
    expect(causes(ledger)).toEqual(['web-1 mount_stale'])
    ledger.report(mount({ reading: { svid: svid({ notBeforeMs: epochMs + 40 * minute, fingerprint: 'new' }) } }))
    expect(causes(ledger)).toEqual([])
  })

  it('is not claimed of a node that nobody has seen since, and shows when it is seen again', async () => {
    const { ledger, clock } = watch(
      ...podList(pod()),
      ...requestList('9', request()),
      ...nodeTells('node-1', mounted()),
    )
    await clock.advance(minute)
    ledger.report({ kind: 'nodeTrouble', node: 'node-1', reason: 'timeout', detail: '' })
    ledger.report(change('added', renewed))
    await clock.advance(minute)
    expect(causes(ledger)).toEqual([])
    ledger.report({ kind: 'nodeContact', node: 'node-1' })
    expect(causes(ledger)).toEqual(['web-1 mount_stale'])
  })

  it('shows at the same time when the clock of the machine is set back', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), mount())
    ledger.report(change('added', renewed))
    await clock.advance(5_000)
    clock.setBack(hour)
    await clock.advance(4_999)
    ledger.report(contact('mountedSvids'))
    expect(causes(ledger)).toEqual([])
    await clock.advance(1)
    ledger.report(contact('mountedSvids'))
    expect(causes(ledger)).toEqual(['web-1 mount_stale'])
  })

  it('does not show when the file is ahead of the watch', async () => {
    const { ledger, clock } = watch(
      ...podList(pod()),
      ...requestList('9', request()),
      mount({ reading: { svid: svid({}, -40) } }),
    )
    await clock.advance(minute)
    expect(causes(ledger)).toEqual([])
  })
})

it.each([
  ['team-a', ['web-1']],
  ['team-b', ['api-1']],
  ['team', []],
  ['', ['']],
])('of the namespace %j it tells nothing but what is there', (namespace, pods) => {
  const other = pod({ uid: 'pod-2', namespace: 'team-b', name: 'api-1' })
  const file: Observation = { kind: 'file', file: { path: '/tls.crt', reading: { svid: svid() } } }
  const { ledger } = watch(...podList(pod(), other), mount(), mount({ podUid: 'pod-2' }), file)
  expect(svidsOf(ledger, namespace).map(({ labels }) => labels.pod)).toEqual(pods)
})
