import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import { emptyMemory, type Memory } from '../../../../src/ledger/memory.ts'
import { sourceNames } from '../../../../src/ledger/sight/observations.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { PodObservation } from '../../../../src/ledger/workloads/observations.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import {
  change,
  csiNode,
  epochMs,
  mounted,
  nodeList,
  nodeSeen,
  nodeTells,
  pod,
  podList,
  request,
} from '../../../support/observations.ts'
import { hour, mount, podSeen, watch } from '../../../support/watchedLedger.ts'
import { memoryOf, surveyOf } from '../../../support/ledgerReading.ts'

const name = 'csi-driver-spiffe'
const idle = { volumes: [], needs: [] }
const driver = (ready = true, overrides: Partial<PodObservation> = {}): PodObservation =>
  pod({ uid: 'driver', name: 'driver', ...idle, agent: { name, ready }, ...overrides })
const driverGone: Observation = { kind: 'podDeleted', uid: 'driver' }
const agents = (ledger: Ledger) =>
  surveyOf(ledger).agents.map(({ node, agent, up }) => `${node} ${agent} ${up ? 1 : 0}`)

describe('an agent', () => {
  it.each<[string, Observation[], string[]]>([
    ['is up where its pod is ready', [...nodeList('node-1'), ...podList(driver())], ['node-1 csi-driver-spiffe 1']],
    ['is down where it is not', [...nodeList('node-1'), ...podList(driver(false))], ['node-1 csi-driver-spiffe 0']],
    [
      'is up where one of its pods is ready',
      [...nodeList('node-1'), ...podList(driver(), driver(false, { uid: 'leaving' }))],
      ['node-1 csi-driver-spiffe 1'],
    ],
    [
      'is down where a pod needs it and it is not there',
      [...nodeList('node-1'), ...podList(pod())],
      ['node-1 csi-driver-spiffe 0'],
    ],
    ['is not needed by pods that have ended', [...nodeList('node-1'), ...podList(pod({ ended: true }))], []],
    ['is not needed by pods that are not placed', [...nodeList('node-1'), ...podList(pod({ node: '' }))], []],
    ['is not missed where nothing needs it', [...nodeList('node-1'), ...podList(pod(idle))], []],
    [
      'is down where its driver is registered',
      [...nodeList('node-1', 'node-2'), csiNode('node-2', name), ...podList()],
      ['node-2 csi-driver-spiffe 0'],
    ],
    [
      'is down where it was deleted',
      [...nodeList('node-1'), ...podList(driver()), driverGone],
      ['node-1 csi-driver-spiffe 0'],
    ],
    [
      'is down where it has ended',
      [...nodeList('node-1'), ...podList(driver()), { kind: 'pod', pod: driver(true, { ended: true }) }],
      ['node-1 csi-driver-spiffe 0'],
    ],
    [
      'is told for each node by itself, and for each agent',
      [
        ...nodeList('node-1', 'node-2'),
        ...podList(driver(), pod({ node: 'node-2', needs: [name, 'spire-agent'], volumes: [] })),
      ],
      ['node-1 csi-driver-spiffe 1', 'node-2 csi-driver-spiffe 0', 'node-2 spire-agent 0'],
    ],
    ['is gone with its node', [...nodeList('node-1'), ...podList(driver(), pod()), ...nodeList()], []],
    [
      'is gone with its deleted node',
      [...nodeList('node-1'), ...podList(driver()), { kind: 'nodeDeleted', uid: 'node-1' }],
      [],
    ],
    [
      'is told of a node that was made anew',
      [
        ...nodeList('node-1'),
        ...podList(driver()),
        nodeSeen('node-1', 'new'),
        { kind: 'nodeDeleted', uid: 'node-1' },
        driverGone,
      ],
      ['node-1 csi-driver-spiffe 0'],
    ],
    ['is judged by pods alone while nodes are not known', podList(pod()), ['node-1 csi-driver-spiffe 0']],
    ['is not judged while pods are not known', [...nodeList('node-1'), csiNode('node-1', name), podSeen()], []],
  ])('%s', (_, observations, expected) => {
    expect(agents(watch(...observations).ledger)).toEqual(expected)
  })

  it('that was uninstalled is missed for a day, and no longer', async () => {
    const { ledger, clock } = watch(...nodeList('node-1'), ...podList(driver()), driverGone)
    await clock.advance(24 * hour - 1)
    expect(agents(ledger)).toEqual(['node-1 csi-driver-spiffe 0'])
    await clock.advance(1)
    expect(agents(ledger)).toEqual([])
    expect(memoryOf(ledger).agentNodes).toEqual([])
  })

  it('is remembered only as long as its node is there', () => {
    const { ledger } = watch(...nodeList('node-1'), ...podList(driver()), driverGone)
    expect(memoryOf(ledger).agentNodes).toEqual([{ node: 'node-1', agent: name, lostMs: epochMs }])
    nodeList('node-2').forEach(ledger.report)
    expect(memoryOf(ledger).agentNodes).toEqual([])
  })

  it('is missed for as long as something needs it', async () => {
    const { ledger, clock } = watch(...nodeList('node-1'), ...podList(driver(), pod()), driverGone)
    await clock.advance(100 * hour)
    expect(agents(ledger)).toEqual(['node-1 csi-driver-spiffe 0'])
  })
})

describe('after a restart an agent', () => {
  const remembered = (...agentNodes: Memory['agentNodes']): Memory => ({ ...emptyMemory, agentNodes })
  const here = remembered({ node: 'node-1', agent: name })

  it.each<[string, Memory, Observation[], string[]]>([
    ['is missed where it was', here, podList(), ['node-1 csi-driver-spiffe 0']],
    ['is up where it still is', here, podList(driver()), ['node-1 csi-driver-spiffe 1']],
    ['is not missed before pods are known', here, [], []],
    ['is not missed on a node that is gone', remembered({ node: 'node-9', agent: name }), podList(), []],
    ['that is not configured any more is not missed', remembered({ node: 'node-1', agent: 'old' }), podList(), []],
    [
      'that was lost more than a day ago is not missed',
      remembered({ node: 'node-1', agent: name, lostMs: epochMs - 24 * hour }),
      podList(),
      [],
    ],
  ])('%s, whether that is remembered before or after', (_, memory, observations, expected) => {
    const { ledger } = watch(...nodeList('node-1'))
    ledger.restore(memory)
    observations.forEach(ledger.report)
    expect(agents(ledger)).toEqual(expected)
    const { ledger: late } = watch(...nodeList('node-1'), ...observations)
    late.restore(memory)
    expect(agents(late)).toEqual(expected)
    expect(memoryOf(late)).toEqual(memoryOf(ledger))
  })

  it('is remembered with the time when it was lost, in one order', async () => {
    const { ledger, clock } = watch(...nodeList('node-2', 'node-1'))
    ledger.restore(remembered({ node: 'node-2', agent: name }, { node: 'node-1', agent: name }))
    expect(memoryOf(ledger).agentNodes).toEqual([
      { node: 'node-1', agent: name },
      { node: 'node-2', agent: name },
    ])
    await clock.advance(hour)
    podList(driver()).forEach(ledger.report)
    const lost = { node: 'node-2', agent: name, lostMs: epochMs + hour }
    expect(memoryOf(ledger).agentNodes).toEqual([{ node: 'node-1', agent: name }, lost])
  })
})

describe('the SVIDs of an agent', () => {
  const counts = (ledger: Ledger) => surveyOf(ledger).agents.map(({ agent, svids }) => [agent, svids])
  const two = podList(pod(), pod({ uid: 'pod-2', name: 'web-2' }))
  const unreadable = mounted({ podUid: 'pod-2', reading: { problem: 'empty', detail: '' } })

  it.each<[string, Observation[], (number | undefined)[]]>([
    ['are the issued ones while nobody sees files', [...two, change('added', request())], [1]],
    [
      'are the mounted ones that can be read',
      [...two, ...nodeTells('node-1', mounted(), mounted({ podUid: 'pod-2' }), unreadable)],
      [1],
    ],
    ['are none where none is mounted', [...two, change('added', request()), ...nodeTells('node-1')], [0]],
    [
      'are the last mounted ones where the node role is silent',
      [
        ...two,
        ...nodeTells('node-1', mounted()),
        { kind: 'nodeTrouble', node: 'node-1', reason: 'timeout', detail: '' },
      ],
      [1],
    ],
    [
      'are the issued ones where the node role was never heard',
      [...two, change('added', request()), { kind: 'nodeTrouble', node: 'node-1', reason: 'unreachable', detail: '' }],
      [1],
    ],
    ['are those that this process sees itself', [...two, change('added', request()), mount(), mount(unreadable)], [1]],
    ['are told of an agent without pods', [...podList(driver())], [0]],
  ])('%s', (_, observations, expected) => {
    const { ledger } = watch(...nodeList('node-1'), ...observations)
    expect(counts(ledger)).toEqual(expected.map((count) => [name, count]))
  })

  it('are not counted any more once they have expired, where only requests tell', async () => {
    const { ledger, clock } = watch(...nodeList('node-1'), ...two, change('added', request()))
    await clock.advance(hour + 1)
    expect(counts(ledger)).toEqual([[name, 0]])
  })

  it('are not known where nothing tells', () => {
    const spire = pod({ volumes: [], needs: ['spire-agent'] })
    expect(counts(watch(...nodeList('node-1'), ...podList(spire)).ledger)).toEqual([['spire-agent', undefined]])
    const clock = new ManualClock()
    const blind = new Ledger({ clock, sources: sourceNames, maxIssuers: 1, svidAgents: [name] })
    podList(pod()).forEach(blind.report)
    expect(counts(blind)).toEqual([[name, undefined]])
  })
})
