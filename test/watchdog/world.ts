import type { Chance } from '../paging/chance.ts'

export const secondMs = 1_000
export const minuteMs = 60 * secondMs
/** A step of the simulation. */
export const stepMs = 15 * secondMs
/** SVIDs live for an hour, and are renewed after two thirds of it. */
export const lifetimeMs = 60 * minuteMs
export const renewAfterMs = 40 * minuteMs

/** What is true. Times are ms since the simulation began, by a clock that is right. */
export interface Issuer {
  readonly name: string
  /** How much its clock is ahead. */
  readonly skewMs: number
  works: boolean
  claimsReady: boolean
  /** It signs SVIDs that have expired. */
  signsExpired: boolean
  readonly issuedMs: number[]
}

export interface Node {
  readonly name: string
  readonly skewMs: number
  /** Its driver asks for nothing, though it is Ready. */
  isDriverBroken: boolean
  isAgentReady: boolean
}

export interface Owner {
  readonly key: string
  readonly namespace: string
  readonly kind: string
  readonly issuer: Issuer
  /** How many of its pods a budget allows to be away; undefined: there is no budget. */
  readonly mayBeAway: number | undefined
  /** Its new pods come to the same node. */
  readonly isPinned: boolean
  /** How long a pod takes to start. */
  readonly startsMs: number
  readonly label: string
  readonly isAllowedNamespace: boolean
  readonly isProbed: boolean
  /** What nobody may ever restart. */
  readonly untouchable: '' | 'own' | 'agent' | 'job' | 'alone'
  replicas: number
  reloads: boolean
  startsNoMore: boolean
  isDenied: boolean
  isFlapping: boolean
}

export interface Pod {
  readonly uid: string
  readonly owner: Owner
  readonly node: Node
  readonly createdMs: number
  startedMs: number | undefined
  isGone: boolean
  /** When the generations were issued that were issued last, that containers have, and that the server presents. */
  issuedMs: number
  heldMs: number
  servedMs: number
  hasExpiredSvid: boolean
  askedMs: number | undefined
  isDenied: boolean
  hasDeadMount: boolean
  detachedMs: number | undefined
  /** The driver has forgotten this volume. */
  isForgotten: boolean
}

/** The world in which incidents happen: what is true, and how it changes. */
export class World {
  readonly chance: Chance
  readonly issuers: readonly Issuer[]
  readonly nodes: readonly Node[]
  readonly owners: readonly Owner[]
  readonly pods = new Map<string, Pod>()
  nowMs = 0
  isTrustBroken = false
  #uids = 0

  constructor(chance: Chance, issuers: readonly Issuer[], nodes: readonly Node[], owners: readonly Owner[]) {
    this.chance = chance
    this.issuers = issuers
    this.nodes = nodes
    this.owners = owners
    for (const owner of owners) for (let i = 0; i < owner.replicas; i += 1) this.#createOld(owner)
  }

  get running(): readonly Pod[] {
    return [...this.pods.values()].filter(({ startedMs }) => startedMs !== undefined)
  }

  podsOf(owner: Owner): readonly Pod[] {
    return [...this.pods.values()].filter((pod) => pod.owner === owner)
  }

  /** Evicts a pod. Its controller makes a new one. */
  evict(pod: Pod): void {
    this.pods.delete(pod.uid)
    pod.isGone = true
    if (pod.owner.untouchable === 'alone') return
    this.#add(pod.owner, pod.owner.isPinned ? pod.node : this.#anyNode(), this.nowMs)
  }

  /** Lets a step of time pass. */
  step(): void {
    this.nowMs += stepMs
    for (const pod of this.pods.values()) {
      if (pod.startedMs === undefined) this.#start(pod)
      else this.#renew(pod)
    }
  }

  #createOld(owner: Owner): void {
    const ageMs = this.chance.between(60 * minuteMs, 600 * minuteMs)
    const pod = this.#add(owner, this.#anyNode(), -ageMs)
    pod.startedMs = -ageMs + 20 * secondMs
    const gotMs = -this.chance.between(0, renewAfterMs)
    Object.assign(pod, { issuedMs: gotMs, heldMs: gotMs, servedMs: gotMs })
    owner.issuer.issuedMs.push(gotMs)
  }

  #add(owner: Owner, node: Node, createdMs: number): Pod {
    this.#uids += 1
    const pod: Pod = {
      ...{ uid: `uid-${this.#uids}`, owner, node, createdMs, startedMs: undefined, isGone: false },
      ...{ issuedMs: -Infinity, heldMs: -Infinity, servedMs: -Infinity, hasExpiredSvid: false, askedMs: undefined },
      ...{ isDenied: false, hasDeadMount: false, detachedMs: undefined, isForgotten: false },
    }
    this.pods.set(pod.uid, pod)
    return pod
  }

  #anyNode(): Node {
    const [first, ...rest] = this.nodes
    if (first === undefined) throw new Error('a world needs a node')
    return this.chance.oneOf([first, ...rest])
  }

  #start(pod: Pod): void {
    const { owner, node } = pod
    if (this.nowMs - pod.createdMs < owner.startsMs || owner.startsNoMore) return
    if (node.isDriverBroken || !node.isAgentReady || !this.#ask(pod)) return
    pod.startedMs = this.nowMs
    pod.heldMs = pod.issuedMs
    pod.servedMs = pod.issuedMs
  }

  #renew(pod: Pod): void {
    const { owner, node } = pod
    if (owner.reloads) pod.servedMs = pod.heldMs
    const isDue = this.nowMs - pod.issuedMs >= (owner.isFlapping ? minuteMs : renewAfterMs)
    if (!isDue || pod.isForgotten || node.isDriverBroken || !node.isAgentReady || !this.#ask(pod)) return
    if (!pod.hasDeadMount && pod.detachedMs === undefined) pod.heldMs = pod.issuedMs
  }

  /** Asks for an SVID. Reports whether it was issued. */
  #ask(pod: Pod): boolean {
    const { issuer, isDenied } = pod.owner
    pod.isDenied = isDenied
    if (isDenied) return false
    if (!issuer.works) {
      pod.askedMs ??= this.nowMs
      return false
    }
    pod.askedMs = undefined
    pod.issuedMs = this.nowMs
    pod.hasExpiredSvid = issuer.signsExpired
    issuer.issuedMs.push(this.nowMs)
    return true
  }
}
