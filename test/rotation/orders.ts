import type { Fleet } from './fleet.ts'
import type { Svidwatch } from './svidwatch.ts'
import type { Reason } from './truth.ts'

/** Where the steps of a rotation are put in an order. Minutes are those since the beginning. */
export interface Stage {
  readonly fleet: Fleet
  readonly svidwatch: Svidwatch
  readonly at: (minute: number, step: () => void) => void
}

/** The order of the steps of a CA rotation, and what it breaks. */
export interface Order {
  readonly name: string
  readonly play: (stage: Stage) => void
  /** How long it is watched. */
  readonly minutes: number
  /** The reasons of `authority_untrusted`, one after the other; none if every pair verifies all the time. */
  readonly reasons: readonly Reason[]
  /** The reasons of `bundle_skew` that must be told. */
  readonly skew: readonly ('namespaces' | 'nodes')[]
  /** The pods that are named one by one, because the trust of all others is whole; none by default. */
  readonly named?: readonly string[]
  /** Nodes are out of sight for so long that svidwatch says so. */
  readonly isBlind?: true
}

/** The CA is announced after 2 minutes, signs after 6, and is alone after 50, when all SVIDs are renewed. */
function inOrder({ fleet, at }: Stage): void {
  at(2, () => fleet.announce())
  at(6, () => fleet.sign())
  at(50, () => fleet.dropOlder())
}

/** A new CA signs after 5 minutes, while trust-manager is stopped, and is distributed after 30. */
function tooEarly({ fleet, at }: Stage): void {
  at(4, () => fleet.stopTrustManager())
  at(5, () => {
    fleet.announce()
    fleet.sign()
  })
  at(30, () => fleet.startTrustManager())
}

/** A new CA signs after 5 minutes, while trust-manager is stopped; after 12, the old one signs again. */
function rolledBack({ fleet, at }: Stage): void {
  at(4, () => fleet.stopTrustManager())
  at(5, () => {
    fleet.announce()
    fleet.sign()
  })
  at(12, () => fleet.signWithOlder())
}

/** The CA is announced after 2 minutes, signs after 6, and is alone after 15, when only a part of the SVIDs is renewed. */
function removedEarly({ fleet, at }: Stage): void {
  at(2, () => fleet.announce())
  at(6, () => fleet.sign())
  at(15, () => fleet.dropOlder())
}

const whole = { reasons: [], skew: [] } as const
const early = { reasons: ['signs_too_early'], skew: [] } as const
const removed = { reasons: ['removed_too_early'], skew: [] } as const

export const rightOrders: readonly Order[] = [
  { name: 'announced, signs, alone', play: inOrder, minutes: 60, ...whole },
  {
    name: 'distribution is late, and the CA waits for it',
    play: ({ fleet, at }) => {
      at(1, () => fleet.stopTrustManager())
      at(2, () => fleet.announce())
      at(15, () => fleet.startTrustManager())
      at(17, () => fleet.sign())
      at(60, () => fleet.dropOlder())
    },
    ...{ minutes: 70, ...whole },
  },
  {
    name: 'announced, and taken back before it signs',
    play: ({ fleet, at }) => {
      at(2, () => fleet.announce())
      at(20, () => fleet.dropOthers())
    },
    ...{ minutes: 40, ...whole },
  },
  {
    name: 'a second CA in the right order, before the first one is alone',
    play: ({ fleet, at }) => {
      at(2, () => fleet.announce())
      at(6, () => fleet.sign())
      at(10, () => fleet.announce())
      at(14, () => fleet.sign())
      at(60, () => fleet.dropOlder())
    },
    ...{ minutes: 70, ...whole },
  },
  {
    name: 'another certificate of the same key',
    play: ({ fleet, at }) => at(5, () => fleet.renewCertificate()),
    ...{ minutes: 60, ...whole },
  },
  {
    name: 'in order, while pods are replaced',
    play: (stage) => {
      inOrder(stage)
      const { fleet, at } = stage
      for (let minute = 1; minute < 58; minute += 1)
        at(minute + 0.5, () => fleet.replace(Math.floor((minute / 58) * fleet.volumes.length)))
    },
    ...{ minutes: 65, ...whole },
  },
  {
    name: 'in order, while a node is blind and svidwatch is restarted',
    play: (stage) => {
      inOrder(stage)
      const { svidwatch, at } = stage
      at(1, () => svidwatch.lose('node-0'))
      at(30, () => svidwatch.gain('node-0'))
      at(35.1, () => svidwatch.restart())
      at(49.1, () => svidwatch.restart())
    },
    ...{ minutes: 60, ...whole, isBlind: true },
  },
]

export const wrongOrders: readonly Order[] = [
  { name: 'signs before anyone trusts it', play: tooEarly, minutes: 60, ...early },
  {
    name: 'signs when half of the nodes trust it',
    play: ({ fleet, at }) => {
      at(1, () => fleet.hold(fleet.nodes.slice(0, Math.ceil(fleet.nodes.length / 2))))
      at(2, () => fleet.announce())
      at(5, () => fleet.sign())
      at(14, () => fleet.release())
    },
    ...{ minutes: 40, ...early },
  },
  { name: 'the old CA is removed before its SVIDs are gone', play: removedEarly, minutes: 70, ...removed },
  {
    name: 'the Secret is deleted',
    play: ({ fleet, at }) => at(5, () => fleet.deleteSecret()),
    ...{ minutes: 60, reasons: ['removed_too_early'], skew: [] },
  },
  {
    name: 'the Secret is deleted while trust-manager is stopped',
    play: ({ fleet, at }) => {
      at(4, () => fleet.stopTrustManager())
      at(5, () => fleet.deleteSecret())
    },
    ...{ minutes: 70, ...early },
  },
  {
    name: 'the Secret is deleted while trust-manager is stopped, which comes back',
    play: ({ fleet, at }) => {
      at(4, () => fleet.stopTrustManager())
      at(5, () => fleet.deleteSecret())
      at(20, () => fleet.startTrustManager())
    },
    ...{ minutes: 65, reasons: ['signs_too_early', 'removed_too_early'], skew: [] },
  },
  {
    name: 'one node keeps the old bundle',
    play: (stage) => {
      stage.at(1, () => stage.fleet.hold(['node-0']))
      inOrder(stage)
      stage.at(30, () => stage.fleet.release())
    },
    ...{ minutes: 60, reasons: ['signs_too_early'], skew: ['nodes'] },
  },
  {
    name: 'the ConfigMap of one namespace is edited by hand',
    play: (stage) => {
      inOrder(stage)
      const { fleet, at } = stage
      at(15, () => {
        fleet.stopTrustManager()
        fleet.editCopy('team-1')
      })
      at(30, () => fleet.startTrustManager())
    },
    ...{ minutes: 60, reasons: [], skew: ['namespaces'] },
  },
  {
    name: 'a second CA signs too early during the first rotation',
    play: ({ fleet, at }) => {
      at(2, () => fleet.announce())
      at(6, () => fleet.sign())
      at(15, () => fleet.stopTrustManager())
      at(16, () => {
        fleet.announce()
        fleet.sign()
      })
      at(35, () => fleet.startTrustManager())
    },
    ...{ minutes: 60, ...early },
  },
  { name: 'signs too early, and is rolled back', play: rolledBack, minutes: 70, ...early },
  // A new process tells a roll-back from a rotation as long as the CA that signs again has SVIDs from before.
  {
    name: 'signs too early, and is rolled back, and svidwatch is restarted',
    play: (stage) => {
      rolledBack(stage)
      stage.at(20.1, () => stage.svidwatch.restart())
    },
    ...{ minutes: 70, ...early },
  },
  {
    name: 'signs too early, and svidwatch is restarted',
    play: (stage) => {
      tooEarly(stage)
      stage.at(15.1, () => stage.svidwatch.restart())
      stage.at(25.1, () => stage.svidwatch.restart())
    },
    ...{ minutes: 60, ...early },
  },
  {
    name: 'the old CA is removed too early, and svidwatch is restarted',
    play: (stage) => {
      removedEarly(stage)
      stage.at(25.1, () => stage.svidwatch.restart())
    },
    ...{ minutes: 70, ...removed },
  },
  {
    name: 'signs too early, while a node is blind, until long after all trust it',
    play: (stage) => {
      tooEarly(stage)
      const { svidwatch, at } = stage
      at(15, () => svidwatch.lose('node-0'))
      at(60, () => svidwatch.gain('node-0'))
    },
    ...{ minutes: 70, ...early, isBlind: true },
  },
  {
    name: 'the old CA is removed too early, while a node is blind with SVIDs of it',
    play: (stage) => {
      removedEarly(stage)
      const { svidwatch, at } = stage
      at(10, () => svidwatch.lose('node-0'))
      at(70, () => svidwatch.gain('node-0'))
    },
    ...{ minutes: 80, ...removed, isBlind: true },
  },
  {
    name: 'one volume alone keeps the old bundle',
    play: (stage) => {
      stage.fleet.keepBundle(0)
      inOrder(stage)
    },
    ...{ minutes: 70, reasons: [], skew: [], named: ['pod-0'] },
  },
]

export const allOrders: readonly Order[] = [...rightOrders, ...wrongOrders]
