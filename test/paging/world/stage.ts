import type { Chance } from '../chance.ts'
import { renewalDueMs } from '../../../src/identity/renewal.ts'
import type { Play } from '../scenes.ts'
import { Driver } from './driver.ts'
import { Faults } from './faults.ts'
import type { Issuer, Span } from './issuer.ts'
import { Lives } from './lives.ts'
import { accountOf, seconds, volume, writerOf, type Copies, type Fate, type Node, type Workload } from './workload.ts'
import type { Writer } from './writers.ts'
import { World } from './world.ts'

const agent = 'csi-driver-spiffe'

/** What is particular about a workload; all else is healthy. */
export interface Part {
  readonly issuer?: Issuer
  readonly node?: Node
  readonly fate?: Fate
  readonly staleFromMs?: number
  readonly writer?: Writer
  readonly stuck?: Span
  /** The name of its pod, which another one may have had before. */
  readonly pod?: string
  readonly keepsBundle?: boolean
  readonly copies?: Copies
}

/** Where a fleet is put together: its nodes, issuers and workloads, and what befalls them. */
export class Stage {
  readonly world: World
  readonly lives = new Lives()
  readonly faults = new Faults()
  readonly issuers: Issuer[] = []
  readonly nodes: Node[] = []
  readonly chance: Chance
  readonly play: Play
  readonly driver: Driver

  constructor(play: Play, chance: Chance, judgedBy: 'mounted' | 'issued') {
    this.world = new World(play.scenes[0]?.fromMs ?? 0)
    this.play = play
    this.chance = chance
    this.driver = new Driver({ world: this.world, lives: this.lives, faults: this.faults, play, chance, judgedBy })
  }

  issuer(overrides: Partial<Issuer> = {}): Issuer {
    const { chance, play, world } = this
    const caLifeMs = 10 * play.lifetimeMs
    const issuer: Issuer = {
      name: `ClusterIssuer/${world.fresh('ca')}`,
      trustDomain: 'example.org',
      skewMs: 0,
      backMs: 0,
      caNotBeforeMs: world.nowMs - caLifeMs * chance.between(0.1, 0.5),
      caNotAfterMs: world.nowMs + caLifeMs * 0.5,
      ca: 0,
      down: undefined,
      approverDown: undefined,
      issuedMs: [],
      latencyMs: (one) => one.between(200, 2000),
      ...overrides,
    }
    this.issuers.push(issuer)
    return issuer
  }

  /** A node, whose driver may be gone for a while: its pod is not ready then, and nothing is renewed. */
  node(overrides: Partial<Node> = {}): Node {
    const { world } = this
    const node = { name: world.fresh('node'), skewMs: 0, driverDown: undefined, ...overrides }
    this.nodes.push(node)
    world.nodes.push(node.name)
    const pod = (ready: boolean) =>
      world.putPod({
        uid: `driver-${node.name}`,
        namespace: 'cert-manager',
        name: `driver-${node.name}`,
        node: node.name,
        ended: false,
        volumes: [],
        needs: [],
        agent: { name: agent, ready },
        posture: [],
      })
    pod(true)
    if (node.driverDown) {
      world.agenda.at(node.driverDown.fromMs, () => pod(false))
      world.agenda.at(node.driverDown.toMs, () => pod(true))
    }
    return node
  }

  /** A pod that runs, and whose renewal falls due at `dueMs`; its SVIDs before were renewed well. */
  workload(kind: string, dueMs: number, part: Part = {}): Workload {
    const { play, world, chance } = this
    const workload = this.#pod(kind, part)
    const { issuer } = workload
    const svid = { notBeforeMs: -issuer.backMs, notAfterMs: play.lifetimeMs }
    const periodMs = renewalDueMs(svid, writerOf(workload).rule)
    const times = Math.max(0, Math.floor((dueMs - world.nowMs) / periodMs))
    const issuedMs = dueMs - (times + 1) * periodMs - issuer.skewMs
    this.driver.begin(workload, issuedMs - chance.between(0, 500))
    return workload
  }

  /** A pod that starts now. */
  start(kind: string, part: Part = {}): Workload {
    const workload = this.#pod(kind, part)
    this.driver.begin(workload, this.world.nowMs)
    return workload
  }

  /** The pod has done its work, and stays as an object, with its request. */
  finish(workload: Workload): void {
    this.driver.end(workload)
    this.#put(workload)
  }

  /** The pod stops, and then the objects go one after the other. */
  remove(workload: Workload): void {
    const { world, chance } = this
    this.driver.end(workload)
    const goneMs = world.nowMs + chance.between(200, 3000)
    world.agenda.at(goneMs, () => world.deletePod(workload.podUid))
    for (const { uid, owner } of world.requests.values())
      if (owner?.podUid === workload.podUid)
        world.agenda.at(goneMs + chance.between(100, 15_000), () => world.deleteRequest(uid))
  }

  #pod(kind: string, part: Part): Workload {
    const { world } = this
    const podUid = world.fresh('pod')
    const workload: Workload = {
      kind,
      namespace: `team-${kind.replaceAll(/[^a-z]+/g, '-')}`,
      pod: part.pod ?? podUid,
      podUid,
      node: part.node ?? this.chance.oneOf([this.nodes[0] ?? this.node(), ...this.nodes.slice(1, 3)]),
      issuer: part.issuer ?? this.issuers[0] ?? this.issuer(),
      fate: part.fate ?? (() => undefined),
      staleFromMs: part.staleFromMs ?? Infinity,
      writer: part.writer,
      stuck: part.stuck,
      keepsBundle: part.keepsBundle ?? false,
      copies: part.copies ?? {},
      startedMs: world.nowMs,
      mountedMs: world.nowMs,
      writtenMs: world.nowMs,
      ...{ svidCa: 0, writtenCa: 0, bundleCa: 0 },
      hasEnded: false,
      issuedUid: undefined,
      waitingUid: undefined,
      refusedUid: undefined,
      svid: undefined,
      written: undefined,
      life: undefined,
    }
    this.#put(workload)
    return workload
  }

  #put(workload: Workload): void {
    const { world } = this
    const { podUid, namespace, pod, node, hasEnded, startedMs, copies } = workload
    world.putPod({
      uid: podUid,
      namespace,
      name: pod,
      node: node.name,
      ended: hasEnded,
      volumes: [{ name: volume, driver: writerOf(workload).driver, ...(copies.bySubPath && { bySubPath: true }) }],
      ...(!hasEnded && { mountedSinceMs: [seconds(startedMs + node.skewMs)] }),
      serviceAccount: accountOf(workload),
      needs: workload.writer ? [] : [agent],
      posture: [],
    })
  }
}
