import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { MountedObservation, PodObservation } from '../../../../src/ledger/workloads/observations.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { mounted, nodeTells, pod, podList, svid } from '../../../support/observations.ts'
import { watch } from '../../../support/watchedLedger.ts'
import { svidsOf } from '../../../support/ledgerReading.ts'

const nodeNames = ['node-1', 'node-2']
/** The pods that there may be, by number; each is only ever on one node. */
const podCount = 3
const uidOf = (number: number) => `pod-${number}`
const homeOf = (number: number) => nodeNames[number % nodeNames.length] ?? ''

/** What may happen: to a pod, on a node. */
const deeds = [
  'seePod',
  'placePod',
  'endPod',
  'deletePod',
  'listPods',
  'missPod',
  'breakOffPodList',
  'mount',
  'unmount',
  'silence',
  'connect',
  'breakOffSnapshot',
] as const
interface Step {
  readonly deed: (typeof deeds)[number]
  readonly number: number
  readonly node: string
}

/** A cluster in which anything may happen, and a ledger that is told of it as sources would tell it. */
class World {
  readonly ledger = watch(...podList()).ledger
  readonly #pods = new Map<string, PodObservation>()
  /** What the API has told: the pods that are known here. */
  readonly #toldPods = new Map<string, PodObservation>()
  /** What each node role claims, true or not, by pod. */
  readonly #claims = new Map(nodeNames.map((node) => [node, new Map<string, MountedObservation>()]))
  /** What it has told of that, as far as it was heard. */
  readonly #toldClaims = new Map(nodeNames.map((node) => [node, new Set<string>()]))
  readonly #heard = new Set<string>()
  readonly #refused = new Set<string>()
  #version = 0
  refusals = 0

  do({ deed, number, node }: Step): void {
    const uid = uidOf(number)
    const known = this.#pods.get(uid)
    switch (deed) {
      case 'seePod':
        return known ? undefined : this.#seePod(pod({ uid, name: `web-${number}`, node: '' }))
      case 'placePod':
        return known?.node === '' ? this.#seePod({ ...known, node: homeOf(number) }) : undefined
      case 'endPod':
        return known ? this.#seePod({ ...known, ended: true }) : undefined
      case 'deletePod':
        this.#pods.delete(uid)
        this.#toldPods.delete(uid)
        return this.#tell({ kind: 'podDeleted', uid })
      case 'listPods':
        return this.#listPods([...this.#pods.values()])
      case 'missPod':
        return this.#listPods([...this.#pods.values()].filter((one) => one.uid !== uid))
      case 'breakOffPodList':
        return this.#breakOffPodList(number)
      case 'mount':
        return this.#mount(node, uid)
      case 'unmount':
        return this.#unmount(node, uid)
      case 'silence':
        this.#heard.delete(node)
        return this.#tell({ kind: 'nodeTrouble', node, reason: 'timeout', detail: 'silence' })
      case 'connect':
        return this.#connect(node)
      case 'breakOffSnapshot':
        this.#heard.delete(node)
        return this.#tell({ kind: 'findingsListing', node })
    }
  }

  /** All pods are listed, and everybody is heard again; `fresh` has it the other way round. */
  settle(): void {
    this.#listPods([...this.#pods.values()])
    for (const node of nodeNames) this.#connect(node)
  }

  /** Nothing is left. */
  end(): void {
    this.#listPods([])
    for (const claims of this.#claims.values()) claims.clear()
    for (const node of nodeNames) this.#connect(node)
  }

  /** A ledger of a process that starts now, and is told all that there is. */
  fresh(): Ledger {
    const snapshots = [...this.#claims].flatMap(([node, claims]) => nodeTells(node, ...claims.values()))
    return watch(...snapshots, ...podList(...this.#pods.values())).ledger
  }

  /** The fingerprint of the SVID in the only volume of each pod that runs, as its own node has it. */
  mountedSvids(): string[] {
    return [...this.#pods.values()].flatMap(({ uid, name, node, ended }) => {
      const claim = ended ? undefined : this.#claims.get(node)?.get(uid)
      return claim ? [`${name} on ${node}: ${fingerprintOf(claim)}`] : []
    })
  }

  #seePod(one: PodObservation): void {
    this.#pods.set(one.uid, one)
    this.#toldPods.set(one.uid, one)
    this.#tell({ kind: 'pod', pod: one })
  }

  #listPods(pods: readonly PodObservation[]): void {
    this.#toldPods.clear()
    for (const one of pods) this.#toldPods.set(one.uid, one)
    podList(...pods).forEach((observation) => this.#tell(observation))
  }

  #breakOffPodList(after: number): void {
    this.#tell({ kind: 'listing', source: 'pods' })
    for (const one of [...this.#pods.values()].slice(0, after)) this.#seePod(one)
  }

  #mount(node: string, podUid: string): void {
    this.#version += 1
    const reading = { svid: svid({ fingerprint: `${node} ${this.#version}` }) }
    const claim = mounted({ podUid, reading })
    this.#claims.get(node)?.set(podUid, claim)
    if (!this.#heard.has(node)) return
    this.#toldClaims.get(node)?.add(podUid)
    this.#tell({ kind: 'mounted', mounted: claim, node })
  }

  #unmount(node: string, podUid: string): void {
    this.#claims.get(node)?.delete(podUid)
    if (!this.#heard.has(node)) return
    this.#toldClaims.get(node)?.delete(podUid)
    this.#tell({ kind: 'unmounted', podUid, volume: 'spiffe', node })
  }

  #connect(node: string): void {
    const claims = this.#claims.get(node) ?? new Map<string, MountedObservation>()
    this.#heard.add(node)
    this.#toldClaims.set(node, new Set(claims.keys()))
    nodeTells(node, ...claims.values()).forEach((observation) => this.#tell(observation))
  }

  /** Counts each claim that is false by what the API has said, once until it is taken back. */
  #tell(observation: Observation): void {
    this.ledger.report(observation)
    for (const [node, told] of this.#toldClaims)
      for (let number = 0; number < podCount; number += 1) {
        const key = `${node} ${uidOf(number)}`
        const placedOn = this.#toldPods.get(uidOf(number))?.node
        if (!told.has(uidOf(number))) this.#refused.delete(key)
        else if (placedOn && placedOn !== node && !this.#refused.has(key)) {
          this.#refused.add(key)
          this.refusals += 1
        }
      }
  }

  /** How many findings of a node role are refused. */
  refusedOf(node: string): number {
    return [...this.#refused].filter((key) => key.startsWith(`${node} `)).length
  }
}

const fingerprintOf = ({ reading }: MountedObservation) => ('svid' in reading ? reading.svid.fingerprint : '')

const shown = (ledger: Ledger) =>
  svidsOf(ledger).flatMap(({ labels, svid: { fingerprint }, problem }) =>
    problem === undefined ? [`${labels.pod} on ${labels.node}: ${fingerprint}`] : [],
  )

const anySteps = fc.array(
  fc.record({
    deed: fc.constantFrom(...deeds),
    number: fc.nat(podCount - 1),
    node: fc.constantFrom(...nodeNames),
  }),
  { maxLength: 80, size: 'max' },
)

const refusals = (ledger: Ledger) =>
  ledger
    .sources()
    .find(({ source }) => source === 'nodeFindings')
    ?.rejections.get('wrong_node')

it('whatever pods and node roles do, and whoever misses it, nobody is believed of pods elsewhere', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const world = new World()
      const { ledger } = world
      for (const step of steps) {
        world.do(step)
        for (const { labels, svid: believed } of svidsOf(ledger))
          expect(believed.fingerprint.split(' ')[0]).toBe(labels.node)
        expect(refusals(ledger)).toBe(world.refusals)
        for (const { node, refused } of ledger.nodeRoles()) expect(refused).toBe(world.refusedOf(node))
      }
      world.settle()
      expect(shown(ledger).sort()).toEqual(world.mountedSvids().sort())
      expect(shown(world.fresh()).sort()).toEqual(world.mountedSvids().sort())
      world.end()
      for (const role of ledger.nodeRoles()) expect(role).toMatchObject({ findings: 0, refused: 0 })
    }),
    { numRuns: 500 },
  )
})
