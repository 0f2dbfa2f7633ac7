import { describe, expect, it } from 'vitest'
import type { ConcludedRequest } from '../../../src/ledger/issuance/view.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { emptyMemory } from '../../../src/ledger/memory.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { SightChange } from '../../../src/ledger/sight/view.ts'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import type { CopyChange } from '../../../src/ledger/workloads/view.ts'
import { ManualClock } from '../../support/manualClock.ts'
import {
  change,
  epochMs,
  mounted,
  nodeList,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../support/observations.ts'
import {
  contact,
  copies,
  denied,
  gone,
  hour,
  issued,
  mount,
  pending,
  podGone,
  podSeen,
  restart,
  succeeded,
  unmount,
  watch,
} from '../../support/watchedLedger.ts'

describe('a request that has ended', () => {
  const ends = (...uids: readonly string[]) => uids.map((uid) => change('added', issued(uid, '10')))
  /** The uids that are told from now on. */
  const toldBy = (ledger: Ledger) => {
    const told: string[] = []
    const end = ledger.follow('concluded', ({ request: { uid } }) => told.push(uid))
    return { told, end }
  }
  /** A ledger whose totals are shown once they are committed. */
  const committing = () => {
    const { ledger } = watch(...requestList('9'))
    ledger.showCommittedOnly(undefined)
    return ledger
  }
  const checkpointOf = (ledger: Ledger) => {
    const checkpoint = ledger.checkpoint()
    if (checkpoint === undefined) throw new Error('there is nothing to commit')
    return checkpoint
  }

  it('is told at once, and once, where nothing is committed', async () => {
    const { ledger, clock } = watch(...requestList('9', issued('before', '5')))
    const told: ConcludedRequest[] = []
    ledger.follow('concluded', (one) => told.push(one))
    ledger.report(change('added', pending('a', '10')))
    expect(told).toEqual([])
    await clock.advance(1500)
    ledger.report(change('modified', issued('a', '11')))
    ledger.report(change('modified', issued('a', '12')))
    ledger.report(change('added', denied('b', '13')))
    expect(told).toMatchObject([
      { request: { uid: 'a', state: 'issued' }, seen: { createdMs: epochMs, concludedMs: epochMs + 1500 } },
      { request: { uid: 'b', state: 'denied', reason: 'denied_spiffe_id' } },
    ])
  })

  it('is told once its count is committed, and shown', () => {
    const ledger = committing()
    const shown: number[] = []
    ledger.follow('concluded', () => shown.push(succeeded(ledger)))
    const { told } = toldBy(ledger)
    ends('a', 'b').forEach(ledger.report)
    const first = checkpointOf(ledger)
    ends('c').forEach(ledger.report)
    expect(told).toEqual([])
    ledger.committed(first)
    expect(told).toEqual(['a', 'b'])
    ledger.committed(first)
    expect(told).toEqual(['a', 'b'])
    ledger.committed(checkpointOf(ledger))
    expect(told).toEqual(['a', 'b', 'c'])
    expect(shown).toEqual([2, 2, 3])
  })

  it('is told with the next commit where the first one fails', () => {
    const ledger = committing()
    const { told } = toldBy(ledger)
    ends('a').forEach(ledger.report)
    checkpointOf(ledger)
    ends('b').forEach(ledger.report)
    ledger.committed(checkpointOf(ledger))
    expect(told).toEqual(['a', 'b'])
  })

  it('is told at once when it turns out that nothing can be committed', () => {
    const ledger = committing()
    const { told } = toldBy(ledger)
    ends('a').forEach(ledger.report)
    ledger.showUncommitted()
    expect(told).toEqual(['a'])
    ends('b').forEach(ledger.report)
    expect(told).toEqual(['a', 'b'])
  })

  it('is not told again after a restart', () => {
    const ledger = committing()
    const { told } = toldBy(ledger)
    ends('a').forEach(ledger.report)
    const { ledger: again, checkpoint } = restart(ledger)
    ledger.committed(checkpoint)
    const later = toldBy(again)
    requestList('20', issued('a', '10'), issued('b', '15')).forEach(again.report)
    again.report(change('added', issued('b', '15')))
    again.committed(checkpointOf(again))
    expect([told, later.told]).toEqual([[], ['b']])
  })

  it('is told as ended before, once, where an earlier process has counted it or nobody has', () => {
    const ledger = committing()
    ends('a').forEach(ledger.report)
    const { ledger: again } = restart(ledger)
    const before: string[] = []
    again.follow('endedBefore', ({ uid }) => before.push(uid))
    const list = requestList('20', issued('a', '10'), pending('waits', '12'), issued('b', '15'))
    for (const observation of [...list, change('added', issued('b', '15')), ...list]) again.report(observation)
    expect(before).toEqual(['a'])

    const fresh = watch().ledger
    fresh.follow('endedBefore', ({ uid }) => before.push(uid))
    list.forEach(fresh.report)
    expect(before).toEqual(['a', 'a', 'b'])
  })

  it('says what it was counted as, how long its steps took, and whether it renews an SVID', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9'))
    const told: ConcludedRequest[] = []
    ledger.follow('concluded', (one) => told.push(one))
    ledger.report(change('added', pending('a', '10')))
    await clock.advance(250)
    ledger.report(change('modified', issued('a', '11')))
    ledger.report(change('added', request({ uid: 'b', resourceVersion: '12', createdMs: epochMs + 60_000 })))
    expect(told).toMatchObject([
      {
        countedAs: { trustDomain: 'example.org', issuer: 'ClusterIssuer/spiffe-ca' },
        seconds: { renewal: 0.25 },
        isRenewal: false,
      },
      { isRenewal: true },
    ])
  })

  it('is not told to who did not follow when it ended, or follows no more', () => {
    const ledger = committing()
    ends('a').forEach(ledger.report)
    const { told, end } = toldBy(ledger)
    const { told: others } = toldBy(ledger)
    ends('b').forEach(ledger.report)
    end()
    ledger.committed(checkpointOf(ledger))
    expect([told, others]).toEqual([[], ['b']])
  })

  it('is not told where 10,000 newer ones wait to be', () => {
    const ledger = committing()
    const { told } = toldBy(ledger)
    const uids = Array.from({ length: 10_005 }, (_, index) => `${index}`)
    ends(...uids.slice(0, 9_000)).forEach(ledger.report)
    const first = checkpointOf(ledger)
    ends(...uids.slice(9_000)).forEach(ledger.report)
    ledger.committed(first)
    expect(told).toEqual(uids.slice(5, 9_000))
    ledger.committed(checkpointOf(ledger))
    expect(told).toEqual(uids.slice(5))
    expect(succeeded(ledger)).toBe(uids.length)
  })
})

describe('the end of following', () => {
  it('leaves others alone, also when it is called again', () => {
    const { ledger } = watch()
    const told: string[] = []
    const end = ledger.follow('refused', () => told.push('first'))
    end()
    ledger.follow('refused', () => told.push('second'))
    end()
    ledger.report({ kind: 'rejected', source: 'pods', reason: 'malformed_object', where: '', detail: '' })
    expect(told).toEqual(['second'])
  })
})

describe('a copy', () => {
  const inShort = ({ labels, svid: now, problem }: CopyChange) => {
    const is = now ? `is ${now.fingerprint}` : 'is gone'
    return `${labels.copy} of ${labels.pod || labels.file}${labels.node && ` on ${labels.node}`} ${is}${problem ? `, ${problem}` : ''}`
  }
  /** What is told of `later`, to who follows once everything before has been told. */
  const told = (before: readonly Observation[], ...later: readonly Observation[]) => {
    const { ledger } = watch(...before)
    const changes: string[] = []
    ledger.follow('copy', (one) => changes.push(inShort(one)))
    later.forEach(ledger.report)
    return changes
  }
  const known = [...podList(pod()), ...requestList('9', request()), mount()]
  const renewed = svid({ fingerprint: 'new', notBeforeMs: epochMs + hour })
  const file = (reading: ReturnType<typeof mounted>['reading']): Observation => ({
    kind: 'file',
    file: { path: '/svid.pem', reading },
  })
  const empty = { problem: 'empty', detail: '' } as const
  const missing = { problem: 'missing', detail: '' } as const

  it.each<[string, Observation[], Observation[], string[]]>([
    [
      'that is issued for a pod',
      podList(pod()),
      [change('added', pending('request-1', '5')), change('modified', request())],
      ['issued of web-1 on node-1 is fingerprint-0'],
    ],
    ['that is mounted', podList(pod()), [mount()], ['mounted of web-1 on node-1 is fingerprint-0']],
    [
      'that a node role tells of',
      podList(pod()),
      nodeTells('node-1', mounted()),
      ['mounted of web-1 on node-1 is fingerprint-0'],
    ],
    [
      'that is known before its pod is',
      [...podList(), change('added', request()), mount()],
      [podSeen()],
      ['issued of web-1 on node-1 is fingerprint-0', 'mounted of web-1 on node-1 is fingerprint-0'],
    ],
    [
      'that is renewed',
      known,
      [
        change('added', request({ uid: 'r2', createdMs: epochMs + hour, svid: renewed })),
        mount({ reading: { svid: renewed } }),
      ],
      ['issued of web-1 on node-1 is new', 'mounted of web-1 on node-1 is new'],
    ],
    [
      'that cannot be read, for another reason, and can be read again',
      known,
      [mount({ reading: empty }), mount({ reading: missing }), mount()],
      [
        'mounted of web-1 on node-1 is fingerprint-0, empty',
        'mounted of web-1 on node-1 is fingerprint-0, missing',
        'mounted of web-1 on node-1 is fingerprint-0',
      ],
    ],
    [
      'whose volume is gone from a running pod',
      known,
      [unmount],
      ['mounted of web-1 on node-1 is fingerprint-0, unmounted'],
    ],
    [
      'whose pod goes',
      known,
      [podGone, unmount, gone('request-1')],
      ['issued of web-1 on node-1 is gone', 'mounted of web-1 on node-1 is gone'],
    ],
    [
      'whose pod is not listed again',
      known,
      podList(),
      ['issued of web-1 on node-1 is gone', 'mounted of web-1 on node-1 is gone'],
    ],
    [
      'whose pod ends, which is once, also when it is deleted later',
      known,
      [podSeen({ ended: true }), podSeen({ ended: true }), unmount, gone('request-1'), podGone],
      ['issued of web-1 on node-1 is gone', 'mounted of web-1 on node-1 is gone'],
    ],
    [
      'whose pod ends as it gets its node',
      [...podList(pod({ node: '' })), change('added', request())],
      [podSeen({ ended: true }), podGone],
      ['issued of web-1 is gone'],
    ],
    [
      'whose issuer comes to be known',
      [...podList(pod()), mount()],
      [change('added', pending('request-1', '5'))],
      ['mounted of web-1 on node-1 is fingerprint-0'],
    ],
    [
      'whose issuer changes while it cannot be read',
      [...known, mount({ reading: empty })],
      [change('added', request({ uid: 'r2', createdMs: epochMs + hour, issuer: 'Issuer/other', svid: renewed }))],
      ['issued of web-1 on node-1 is new', 'mounted of web-1 on node-1 is fingerprint-0, empty'],
    ],
    [
      'whose node role is forgotten with its node',
      [...nodeList('node-1'), ...podList(pod()), ...nodeTells('node-1', mounted())],
      [{ kind: 'nodeEndpointGone', node: 'node-1' }, ...nodeList()],
      ['mounted of web-1 on node-1 is gone'],
    ],
    [
      'in a file: as it is first read, renewed, unreadable',
      [],
      [file({ svid: svid() }), file({ svid: svid() }), file({ svid: renewed }), file(empty), file(empty)],
      ['mounted of /svid.pem is fingerprint-0', 'mounted of /svid.pem is new', 'mounted of /svid.pem is new, empty'],
    ],
  ])('is told: one %s', (_, before, later, expected) => {
    expect(told(before, ...later)).toEqual(expected)
  })

  it.each<[string, Observation[], Observation[]]>([
    ['that is as it was', known, [mount(), change('modified', request({ resourceVersion: '101' })), podSeen()]],
    ['of which an older request comes late', known, [change('added', request({ uid: 'r0', createdMs: epochMs - 1 }))]],
    ['that still cannot be read', [...known, mount({ reading: empty })], [mount({ reading: empty })]],
    ['whose request goes, while its pod lives', known, [gone('request-1')]],
    ['of a pod that is not known', podList(), [change('added', request()), mount()]],
    [
      'of a pod that had ended before it was known',
      podList(),
      [change('added', request()), mount(), podSeen({ ended: true }), podGone],
    ],
    [
      'of a pod that has ended',
      [...known, podSeen({ ended: true })],
      [
        change('added', request({ uid: 'r2', createdMs: epochMs + hour, issuer: 'Issuer/other', svid: renewed })),
        mount({ reading: { svid: renewed } }),
      ],
    ],
    ['of a file that could never be read', podList(pod()), [mount({ reading: empty }), file(missing)]],
    ['of a pod on another node', podList(pod()), nodeTells('node-2', mounted())],
  ])('is not told: one %s', (_, before, later) => {
    expect(told(before, ...later)).toEqual([])
  })

  it('carries the labels and the SVID that it has by then', () => {
    const { ledger } = watch(...podList(pod()), ...requestList('9', request()))
    const changes: CopyChange[] = []
    const end = ledger.follow('copy', (one) => changes.push(one))
    ledger.report(mount())
    end()
    ledger.report(podGone)
    expect(changes).toEqual([
      {
        labels: {
          spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
          trust_domain: 'example.org',
          namespace: 'team-a',
          pod: 'web-1',
          volume: 'spiffe',
          node: 'node-1',
          issuer: 'ClusterIssuer/spiffe-ca',
          file: '',
          copy: 'mounted',
        },
        svid: svid(),
      },
    ])
  })

  it('carries the new issuer once that changes', () => {
    const { ledger } = watch(...podList(pod()), mount())
    const issuers: string[] = []
    ledger.follow('copy', ({ labels }) => issuers.push(`${labels.copy} ${labels.issuer}`))
    ledger.report(change('added', pending('request-1', '5')))
    expect(issuers).toEqual(['mounted ClusterIssuer/spiffe-ca'])
  })

  it('is told to be gone once the pod should have stopped long ago, and not again when the pod is deleted', async () => {
    const { ledger, clock } = watch(...known, podSeen({ deadlineMs: epochMs }))
    const changes: string[] = []
    ledger.follow('copy', (one) => changes.push(inShort(one)))
    ledger.forgetOld()
    expect([changes, copies(ledger).length]).toEqual([[], 2])
    await clock.advance(60_001)
    ledger.forgetOld()
    expect([changes, copies(ledger).length]).toEqual([
      ['issued of web-1 on node-1 is gone', 'mounted of web-1 on node-1 is gone'],
      0,
    ])
    ledger.report(podSeen({ deadlineMs: epochMs }))
    ledger.report(mount({ reading: { svid: renewed } }))
    ledger.forgetOld()
    ledger.report(podGone)
    expect(changes).toHaveLength(2)
  })

  it('that was remembered is told once its pod is known', () => {
    const { ledger } = watch()
    const changes: string[] = []
    ledger.follow('copy', (one) => changes.push(inShort(one)))
    const { uid, createdMs, issuer } = request()
    const remembered = { podUid: 'pod-1', volume: 'spiffe', uid, createdMs, issuer, svid: svid() }
    ledger.restore({ ...emptyMemory, svids: [remembered] })
    expect(changes).toEqual([])
    podList(pod()).forEach(ledger.report)
    expect(changes).toEqual(['issued of web-1 on node-1 is fingerprint-0'])
  })
})

describe('sight', () => {
  const endpoint: Observation = {
    kind: 'bundleEndpoint',
    endpoint: { trustDomain: 'a.example', url: 'https://a.example', profile: 'https_web' },
  }
  const fetched: Observation = {
    kind: 'bundle',
    trustDomain: 'a.example',
    bundle: { x509Authorities: [], jwtAuthorities: [] },
  }
  const sourceTrouble = (reason: 'timeout' | 'unreachable', detail = ''): Observation => ({
    ...{ kind: 'trouble', source: 'pods', reason, detail },
  })
  const nodeTrouble = (reason: 'timeout' | 'unreachable'): Observation => ({
    ...{ kind: 'nodeTrouble', node: 'node-1', reason, detail: '' },
  })
  const bundleTrouble = (reason: 'timeout' | 'unreachable'): Observation => ({
    ...{ kind: 'bundleTrouble', trustDomain: 'a.example', reason, detail: '' },
  })
  const nodeSeen: Observation = { kind: 'nodeContact', node: 'node-1' }

  it.each<[string, Observation[], string[]]>([
    [
      'a source: seen, lost, lost for another reason, found',
      [
        contact('pods'),
        contact('pods'),
        sourceTrouble('timeout'),
        sourceTrouble('timeout', 'in other words'),
        sourceTrouble('unreachable'),
        contact('pods'),
        contact('pods'),
      ],
      ['source pods seen', 'source pods lost: timeout', 'source pods lost: unreachable', 'source pods found'],
    ],
    [
      'a source that is lost before it is seen',
      [sourceTrouble('timeout'), contact('pods')],
      ['source pods lost: timeout', 'source pods found'],
    ],
    [
      'each source by itself',
      [contact('pods'), contact('nodes'), sourceTrouble('timeout')],
      ['source pods seen', 'source nodes seen', 'source pods lost: timeout'],
    ],
    [
      'a node role: seen, lost, lost for another reason, found',
      [nodeSeen, nodeTrouble('timeout'), nodeTrouble('timeout'), nodeTrouble('unreachable'), nodeSeen, nodeSeen],
      ['node node-1 seen', 'node node-1 lost: timeout', 'node node-1 lost: unreachable', 'node node-1 found'],
    ],
    [
      'a node role that nobody offers any more, and that is gone with its node',
      [...nodeList('node-1'), nodeSeen, { kind: 'nodeEndpointGone', node: 'node-1' }, ...nodeList()],
      ['node node-1 seen', 'node node-1 lost: no_endpoint', 'node node-1 gone'],
    ],
    [
      'a bundle endpoint: seen, lost, lost for another reason, found',
      [
        endpoint,
        fetched,
        fetched,
        bundleTrouble('timeout'),
        bundleTrouble('timeout'),
        bundleTrouble('unreachable'),
        fetched,
      ],
      [
        'bundle a.example seen',
        'bundle a.example lost: timeout',
        'bundle a.example lost: unreachable',
        'bundle a.example found',
      ],
    ],
    ['nothing of what is merely known', [endpoint, ...nodeTells('node-1').slice(0, 2)], []],
  ])('is told of %s', (_, observations, expected) => {
    const ledger = new Ledger({ clock: new ManualClock(), sources: sourceNames, maxIssuers: 1 })
    const inShort = (one: SightChange) =>
      `${one.target} ${one.name} ${one.is}${one.is === 'lost' ? `: ${one.reason}` : ''}`
    const told: string[] = []
    const end = ledger.follow('sight', (one) => told.push(inShort(one)))
    observations.forEach(ledger.report)
    expect(told).toEqual(expected)
    end()
    ledger.report({ kind: 'trouble', source: 'files', reason: 'timeout', detail: '' })
    expect(told).toEqual(expected)
  })

  it('is known by the time that a follower hears of it', () => {
    const { ledger } = watch()
    const up: (boolean | undefined)[] = []
    ledger.follow('sight', () => up.push(ledger.sources().find(({ source }) => source === 'pods')?.up))
    ;[sourceTrouble('timeout'), contact('pods')].forEach(ledger.report)
    expect(up).toEqual([false, true])
  })
})
