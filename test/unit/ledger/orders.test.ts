import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import {
  change,
  csiNode,
  mounted,
  namespace,
  nodeList,
  nodeTells,
  pod,
  podList,
  request,
  svid,
} from '../../support/observations.ts'
import { watch } from '../../support/watchedLedger.ts'
import { memoryOf, surveyOf, svidsOf, withoutSlot } from '../../support/ledgerReading.ts'

const one = pod()
const two = pod({ uid: 'pod-2', name: 'web-2', node: 'node-2', posture: ['host_pid'] })
const driver = pod({
  uid: 'driver',
  name: 'driver',
  volumes: [],
  needs: [],
  agent: { name: 'csi-driver-spiffe', ready: true },
})
const lie = (podUid: string) => mounted({ podUid, reading: { svid: svid({ spiffeId: 'spiffe://evil/' }) } })

/** What sources tell of one world; each tells its own story in order, but nobody knows how they mix. */
const stories: readonly (readonly Observation[])[] = [
  [
    { kind: 'pod', pod: { ...one, node: '' } },
    ...podList({ ...one, node: '' }, two),
    { kind: 'pod', pod: one },
    { kind: 'pod', pod: driver },
  ],
  nodeTells('node-1', mounted(), lie('pod-2')),
  [...nodeTells('node-2', mounted({ podUid: 'pod-2' })), { kind: 'mounted', mounted: lie('pod-1'), node: 'node-2' }],
  nodeTells('node-3', lie('pod-1'), lie('pod-2'), lie('nobody')),
  nodeList('node-1', 'node-2', 'node-3'),
  [csiNode('node-3', 'csi-driver-spiffe'), namespace('team-b', true)],
  [change('added', request())],
]

const picture = (ledger: Ledger): unknown => {
  const sorted = (all: Iterable<unknown>) => [...all].map((item) => JSON.stringify(item)).sort()
  return {
    svids: sorted(svidsOf(ledger).map(withoutSlot)),
    nodeRoles: sorted(ledger.nodeRoles()),
    agents: sorted(surveyOf(ledger).agents),
    workloads: sorted(surveyOf(ledger).workloads),
    posture: sorted(ledger.posture()),
    refused: ledger.sources().map(({ rejections }) => rejections.get('wrong_node')),
    memory: memoryOf(ledger),
  }
}

/** Mixes the stories: `draws` says whose turn it is. */
function mix(draws: readonly number[]): Observation[] {
  const left = stories.map((story) => [...story])
  const mixed: Observation[] = []
  for (const draw of draws) {
    const open = left.filter((story) => story.length > 0)
    const next = open[draw % open.length]?.shift()
    if (next) mixed.push(next)
  }
  return [...mixed, ...left.flat()]
}

it('whoever speaks first, the picture is the same in the end', () => {
  const expected = picture(watch(...stories.flat()).ledger)
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 40, size: 'max' }), (draws) => {
      const { ledger } = watch()
      for (const observation of mix(draws)) {
        ledger.report(observation)
        expect(svidsOf(ledger).filter(({ labels }) => labels.namespace && labels.spiffe_id.includes('evil'))).toEqual(
          [],
        )
      }
      expect(picture(ledger)).toEqual(expected)
    }),
  )
})
