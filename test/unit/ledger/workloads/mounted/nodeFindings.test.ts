import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { MountedObservation } from '../../../../../src/ledger/workloads/observations.ts'
import type { Observation } from '../../../../../src/ledger/observations.ts'
import { sourceNames } from '../../../../../src/ledger/sight/observations.ts'
import type { Refusal } from '../../../../../src/ledger/sight/view.ts'
import {
  epochMs,
  mounted,
  nodeList,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../../../support/observations.ts'
import { copies, hour, minute, mount, podGone, podSeen, watch, watchWith } from '../../../../support/watchedLedger.ts'
import { surveyOf, svidsOf, withoutSlot } from '../../../../support/ledgerReading.ts'

const told = (node: string, overrides: Partial<MountedObservation> = {}): Observation => ({
  kind: 'mounted',
  mounted: mounted(overrides),
  node,
})
const untold = (node: string): Observation => ({ kind: 'unmounted', podUid: 'pod-1', volume: 'spiffe', node })
const silent = (node: string): Observation => ({ kind: 'nodeTrouble', node, reason: 'timeout', detail: 'silence' })
/** What an intruder would like others to believe of pod-1. */
const lie = mounted({ reading: { svid: svid({ spiffeId: 'spiffe://evil/', notAfterMs: epochMs + 9 * hour }) } })
const shown = [`mounted web-1/spiffe ${hour}`]
const held = (ledger: Ledger) =>
  [...ledger.nodeRoles()].map(({ node, findings, refused }) => `${node}: ${findings}, refused ${refused}`)
const problems = (ledger: Ledger) => surveyOf(ledger).unreadable.map(({ reason }) => reason)
const refusals = (ledger: Ledger) =>
  ledger
    .sources()
    .find(({ source }) => source === 'nodeFindings')
    ?.rejections.get('wrong_node')

describe('a finding of a node role', () => {
  it('is shown for a pod on its node, with the names that the API gives', () => {
    const { ledger } = watch(...podList(pod()), ...nodeTells('node-1', mounted()))
    expect(svidsOf(ledger).map(({ labels }) => labels)).toMatchObject([
      { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1', copy: 'mounted' },
    ])
    expect(held(ledger)).toEqual(['node-1: 1, refused 0'])
  })

  it.each<[string, Observation[], string[]]>([
    ['before its pod is known is not shown while pods are known', podList(), []],
    ['is shown once its pod is known', podList(pod()), shown],
    ['is not shown while its pod is not placed', podList(pod({ node: '' })), []],
    ['is shown once its pod is placed', [...podList(pod({ node: '' })), podSeen()], shown],
    ['is not shown once its pod is placed elsewhere', [...podList(pod({ node: '' })), podSeen({ node: 'node-2' })], []],
    ['is not shown once its pod has ended', podList(pod({ ended: true })), []],
    ['is not shown once its pod is deleted', [...podList(pod()), podGone], []],
    ['stays with a pod that a list has missed', [...podList(pod()), ...podList(), podSeen()], shown],
    ['is shown by uid and node where pods were never listed', [], [`mounted pod-1/spiffe ${hour}`]],
  ])('%s', (_, observations, expected) => {
    const { ledger } = watch(...nodeTells('node-1', mounted()), ...observations)
    expect(copies(ledger)).toEqual(expected)
  })

  it('gives way to what this process sees itself', () => {
    const own = mount({ reading: { svid: svid({}, 10) } })
    const { ledger } = watch(...podList(pod()), ...nodeTells('node-1', mounted()), own)
    expect(copies(ledger)).toEqual([`mounted web-1/spiffe ${50 * minute}`])
  })

  it('that does not come again in the next listing is unmounted', () => {
    const two = podList(pod({ volumes: ['spiffe', 'other'] }))
    const { ledger } = watch(...two, ...nodeTells('node-1', mounted(), mounted({ volume: 'other' })))
    expect(problems(ledger)).toEqual([])
    nodeTells('node-1', mounted()).forEach(ledger.report)
    expect(surveyOf(ledger).unreadable.map(({ labels, reason }) => `${labels.volume} ${reason}`)).toEqual([
      'other unmounted',
    ])
  })

  it('stays when a listing breaks off', () => {
    const begins: Observation = { kind: 'findingsListing', node: 'node-1' }
    const { ledger } = watch(...podList(pod()), ...nodeTells('node-1', mounted()), begins, silent('node-1'), begins)
    expect(copies(ledger)).toEqual(shown)
    expect(problems(ledger)).toEqual([])
  })

  it('is forgotten with its pod when its node role is silent, or the volume was gone', () => {
    const { ledger } = watch(...podList(pod()), ...nodeTells('node-1', mounted()), silent('node-1'), podGone)
    expect(held(ledger)).toEqual(['node-1: 0, refused 0'])
    const { ledger: other } = watch(...podList(pod()), ...nodeTells('node-1', mounted()), untold('node-1'), podGone)
    expect(held(other)).toEqual(['node-1: 0, refused 0'])
  })
})

describe('a node role that tells of pods on another node', () => {
  const honest = [...podList(pod()), ...requestList('9', request()), ...nodeTells('node-1', mounted())]

  it.each<[string, Observation[]]>([
    ['before anything else is known', [...nodeTells('node-2', lie), ...honest]],
    ['when the pod is known', [...podList(pod()), ...nodeTells('node-2', lie), ...honest]],
    ['when all is known', [...honest, ...nodeTells('node-2', lie)]],
    ['and takes it back', [...honest, ...nodeTells('node-2', lie), untold('node-2')]],
    ['and falls silent', [...honest, ...nodeTells('node-2', lie), silent('node-2')]],
    ['before the pod is placed', [...podList(pod({ node: '' })), ...nodeTells('node-2', lie), ...honest]],
  ])('cannot hide or change what is known of them: %s', (_, observations) => {
    const picture = (ledger: Ledger) => [
      ...svidsOf(ledger).map(withoutSlot),
      ...surveyOf(ledger).drifts,
      ...surveyOf(ledger).unreadable,
      ...surveyOf(ledger).workloads,
    ]
    expect(picture(watch(...observations).ledger)).toEqual(picture(watch(...honest).ledger))
  })

  it('is counted and named once, however often it connects and repeats itself', () => {
    const refused: Refusal[] = []
    const { ledger } = watch(...honest)
    ledger.follow('refused', (refusal) => refused.push(refusal))
    for (let again = 0; again < 3; again++) {
      nodeTells('node-2', lie).forEach(ledger.report)
      ledger.report(told('node-2'))
      ledger.report(silent('node-2'))
      podList(pod()).forEach(ledger.report)
    }
    expect(refusals(ledger)).toBe(1)
    expect(held(ledger)).toEqual(['node-1: 1, refused 0', 'node-2: 1, refused 1'])
    expect(refused).toEqual([
      {
        source: 'nodeFindings',
        reason: 'wrong_node',
        where: 'node-2: volume spiffe of pod team-a/web-1, which is on node-1',
        detail:
          'not used: a node role may report only pods on its own node; check what answers as the node role of node-2',
      },
    ])
  })

  it('is counted when the pod becomes known, and again when it took its words back and repeats them', () => {
    const { ledger } = watch(...nodeTells('node-2', lie))
    expect(refusals(ledger)).toBe(0)
    honest.forEach(ledger.report)
    expect(refusals(ledger)).toBe(1)
    ;[untold('node-2'), told('node-2')].forEach(ledger.report)
    expect(refusals(ledger)).toBe(2)
  })

  it('holds one finding for each volume, also when the pod is gone and it repeats itself', () => {
    const { ledger } = watch(...honest, ...nodeTells('node-2', lie), podGone, told('node-2'))
    expect(held(ledger)).toEqual(['node-1: 1, refused 0', 'node-2: 1, refused 1'])
    ledger.report(untold('node-2'))
    expect(held(ledger)).toEqual(['node-1: 1, refused 0', 'node-2: 0, refused 0'])
  })

  it('is held to what it has not taken back when the pod is placed', () => {
    const both = ['spiffe', 'other']
    const unplaced = podList(pod({ node: '', volumes: both }))
    const { ledger } = watch(...unplaced, ...nodeTells('node-2', ...both.map((volume) => mounted({ volume }))))
    ;[untold('node-2'), podSeen({ volumes: both })].forEach(ledger.report)
    expect(held(ledger)).toEqual(['node-2: 1, refused 1'])
    expect(refusals(ledger)).toBe(1)
  })

  it('is no longer held to what it does not tell again', () => {
    const { ledger } = watch(...honest, ...nodeTells('node-2', lie), ...nodeTells('node-2'))
    expect(held(ledger)).toEqual(['node-1: 1, refused 0', 'node-2: 0, refused 0'])
  })

  it('leaves nothing behind of volumes that no pod has, or of a pod that is not placed', () => {
    const { ledger } = watch(...honest, podSeen({ uid: 'pod-2', node: '', volumes: ['a', 'b', 'c'] }))
    for (const volume of ['a', 'b', 'c'])
      for (const podUid of ['pod-1', 'pod-2', 'pod-unknown'])
        for (const node of ['node-1', 'node-2']) {
          ledger.report(told(node, { podUid, volume }))
          ledger.report({ kind: 'unmounted', podUid, volume, node })
        }
    nodeTells('node-2').forEach(ledger.report)
    expect(held(ledger)).toEqual(['node-1: 1, refused 0', 'node-2: 0, refused 0'])
  })
})

describe('a node role that is silent', () => {
  it('leaves what it found, with the age of its last word, and of that node only', async () => {
    const two = [pod(), pod({ uid: 'pod-2', name: 'web-2', node: 'node-2' })]
    const { ledger, clock } = watch(
      ...podList(...two),
      ...nodeTells('node-1', mounted()),
      ...nodeTells('node-2', mounted({ podUid: 'pod-2' })),
    )
    const lastSeen = () => svidsOf(ledger).map(({ lastObservedMs }) => (lastObservedMs - epochMs) / minute)
    const heard = (node: string) => ledger.report({ kind: 'nodeContact', node })
    await clock.advance(minute)
    heard('node-1')
    await clock.advance(minute)
    ledger.report(silent('node-1'))
    heard('node-2')
    expect(lastSeen()).toEqual([1, 2])
    await clock.advance(minute)
    nodeTells('node-1', mounted()).forEach(ledger.report)
    expect(lastSeen()).toEqual([3, 2])
  })

  it('is named, with its reason and since when, and counted as trouble of a source that is up', async () => {
    const { ledger, clock } = watch(...nodeTells('node-1'))
    await clock.advance(minute)
    ledger.report(silent('node-1'))
    await clock.advance(minute)
    ledger.report({ kind: 'nodeTrouble', node: 'node-1', reason: 'unreachable', detail: 'refused' })
    expect([...ledger.nodeRoles()]).toEqual([
      {
        node: 'node-1',
        concluded: true,
        up: false,
        lastContactMs: epochMs,
        trouble: { reason: 'unreachable', detail: 'refused', sinceMs: epochMs + 2 * minute },
        lostMs: epochMs + minute,
        findings: 0,
        refused: 0,
      },
    ])
    const source = ledger.sources().find((status) => status.source === 'nodeFindings')
    expect(source?.up).toBe(true)
    expect([source?.troubles.get('timeout'), source?.troubles.get('unreachable')]).toEqual([1, 1])
  })

  const left: Observation = { kind: 'nodeEndpointGone', node: 'node-1' }
  const found = [...podList(pod()), ...nodeTells('node-1', mounted())]

  it.each<[string, Observation[], string[]]>([
    ['kept while its node is there', [...nodeList('node-1'), ...found, left], ['node-1 no_endpoint']],
    ['kept while nodes are not known', [...found, left], ['node-1 no_endpoint']],
    ['forgotten where there is no such node', [...nodeList('node-2'), ...found, left], []],
    [
      'forgotten when its node is deleted',
      [...nodeList('node-1'), ...found, left, { kind: 'nodeDeleted', uid: 'node-1' }],
      [],
    ],
    ['forgotten when its node is not listed again', [...nodeList('node-1'), ...found, left, ...nodeList()], []],
    ['kept without its node while it has an endpoint', [...nodeList(), ...found], ['node-1 up']],
    [
      'kept when it has an endpoint again',
      [...nodeList('node-1'), ...found, left, ...nodeTells('node-1', mounted()), ...nodeList()],
      ['node-1 up'],
    ],
  ])('is %s', (_, observations, expected) => {
    const { ledger } = watch(...observations)
    expect([...ledger.nodeRoles()].map(({ node, up, trouble }) => `${node} ${up ? 'up' : trouble?.reason}`)).toEqual(
      expected,
    )
    expect(copies(ledger)).toEqual(expected.length > 0 ? shown : [])
  })

  it.each<[string, Observation[], string[]]>([
    ['kept while a pod runs on the node', [...found, left], ['node-1']],
    ['forgotten when no pod runs there any more', [...found, left, podGone], []],
    ['kept without a pod while it has an endpoint', [...podList(), ...nodeTells('node-1')], ['node-1']],
    ['kept while pods are not known', [...nodeTells('node-1'), left], ['node-1']],
  ])('where nodes are not watched is %s', (_, observations, expected) => {
    const { ledger } = watchWith({ sources: sourceNames.filter((name) => name !== 'nodes') }, ...observations)
    ledger.forgetOld()
    expect([...ledger.nodeRoles()].map(({ node }) => node)).toEqual(expected)
  })
})
