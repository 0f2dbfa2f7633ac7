import type { IssuerFacts, Situation } from '../../src/watchdog/candidate.ts'
import type { SvidSight } from '../../src/watchdog/sight.ts'
import { Channel } from './channel.ts'
import { epochMs, problemOf, type Found, type Told } from './told.ts'
import { lifetimeMs, minuteMs, type Issuer, type Node, type Pod, type World } from './world.ts'

/** How late what is seen arrives, and what lies. */
export interface Sight {
  readonly delayMs: () => number
  /** This node says of these pods that their containers have lost their mounts. */
  readonly liesOf: { readonly node: Node; readonly pods: readonly Pod[]; readonly fromMs: number } | undefined
}

interface ToldIssuer {
  readonly isReady: boolean
  /** How many of `Issuer.issuedMs` were told. */
  readonly count: number
}

/** Stands in for what svidwatch sees and diagnoses: everything arrives late, and is all that is known. */
export class Observer {
  readonly api = new Channel()
  readonly probes = new Channel()
  readonly nodes: ReadonlyMap<Node, Channel>
  readonly #world: World
  readonly #sight: Sight
  readonly #told = new Map<string, Told>()
  readonly #issuers = new Map<Issuer, ToldIssuer>()
  readonly #sent = new Map<string, string>()
  readonly #gone = new Set<string>()
  #isTrustBroken = false

  constructor(world: World, sight: Sight) {
    this.#world = world
    this.#sight = sight
    this.nodes = new Map(world.nodes.map((node) => [node, new Channel()]))
  }

  /** Sees what is true now, and delivers what has arrived. */
  step(): void {
    const { nowMs, pods, issuers, isTrustBroken } = this.#world
    for (const pod of pods.values()) this.#seePod(pod)
    for (const { pod } of this.#told.values()) if (pod.isGone) this.#seeGone(pod)
    for (const issuer of issuers) this.#seeIssuer(issuer)
    this.#send(this.api, 'trust', String(isTrustBroken), () => (this.#isTrustBroken = isTrustBroken))
    for (const channel of [this.api, this.probes, ...this.nodes.values()]) channel.deliver(nowMs)
  }

  situation(): Situation {
    const { nowMs, issuers } = this.#world
    return {
      candidates: [...this.#told.values()].flatMap((told) => problemOf(told, nowMs, this.#seenMs(told)) ?? []),
      workloads: this.#told.size,
      issuers: new Map(issuers.map((issuer) => [issuer.name, this.#factsOf(issuer)])),
      untrusted: new Set(this.#isTrustBroken ? ['example.org'] : []),
    }
  }

  /** What is known of the SVID of a pod. */
  svidOf(uid: string): SvidSight {
    const told = this.#told.get(uid)
    if (told === undefined) return { problems: [] }
    const { pod, found, servedMs, hasExpiredSvid } = told
    const copy = (issuedMs: number, { contactMs }: Channel) => ({
      notAfterMs: epochMs + issuedMs + (hasExpiredSvid ? 0 : lifetimeMs),
      seenMs: epochMs + contactMs,
    })
    const issuedMs = told.issuedMs.at(-1)
    const problem = problemOf(told, this.#world.nowMs, this.#seenMs(told))
    return {
      problems: problem ? [problem.code] : [],
      ...(issuedMs !== undefined && { issued: copy(issuedMs, this.api) }),
      ...(found && { mounted: copy(found.heldMs, this.#nodeOf(pod.node)) }),
      ...(servedMs !== undefined && { served: copy(servedMs, this.probes) }),
    }
  }

  /** Until when everything that concerns a pod has arrived. */
  arrivedUntilMs({ node }: Pod): number {
    const { nowMs } = this.#world
    return Math.min(...[this.api, this.probes, this.#nodeOf(node)].map((channel) => channel.arrivedUntilMs(nowMs)))
  }

  /** Whether anything about a pod is on its way. */
  hasNewsOf({ uid, node }: Pod): boolean {
    return [this.api, this.probes, this.#nodeOf(node)].some((channel) => channel.hasNewsOf(uid))
  }

  #seePod(pod: Pod): void {
    const { uid, issuedMs, askedMs, isDenied, hasExpiredSvid, startedMs } = pod
    const isRunning = startedMs !== undefined
    this.#send(this.api, `pod ${uid}`, [isRunning, issuedMs, askedMs, isDenied, hasExpiredSvid].join(' '), () => {
      const told = this.#tell(pod, { isRunning, askedMs, isDenied, hasExpiredSvid })
      if (issuedMs > -Infinity && told.issuedMs.at(-1) !== issuedMs) told.issuedMs.push(issuedMs)
    })
    if (isRunning) this.#seeCopies(pod)
  }

  #seeCopies(pod: Pod): void {
    const { uid, owner, node, heldMs, servedMs, detachedMs } = pod
    const { nowMs } = this.#world
    if (owner.isProbed) this.#send(this.probes, `served ${uid}`, String(servedMs), () => this.#tell(pod, { servedMs }))
    const { liesOf } = this.#sight
    const isLie = liesOf !== undefined && nowMs >= liesOf.fromMs && liesOf.pods.includes(pod)
    const found: Found = isLie
      ? { on: liesOf.node, heldMs: liesOf.fromMs - lifetimeMs, isDetached: true, sinceMs: nowMs }
      : { on: node, heldMs, isDetached: detachedMs !== undefined, sinceMs: nowMs }
    const value = isLie ? 'lie' : [heldMs, detachedMs].join(' ')
    this.#send(this.#nodeOf(found.on), `found ${uid}`, value, () => this.#tell(pod, { found }))
  }

  #seeGone({ uid }: Pod): void {
    this.#send(this.api, `gone ${uid}`, '', () => {
      this.#gone.add(uid)
      this.#told.delete(uid)
    })
  }

  #seeIssuer(issuer: Issuer): void {
    const told = { isReady: issuer.claimsReady, count: issuer.issuedMs.length }
    this.#send(this.api, issuer.name, `${told.isReady} ${told.count}`, () => this.#issuers.set(issuer, told))
  }

  /** A finding may arrive before the API tells of the pod. */
  #tell(pod: Pod, values: Partial<Told>): Told {
    const none = { pod, isRunning: false, issuedMs: [], askedMs: undefined, isDenied: false, hasExpiredSvid: false }
    const told = Object.assign(this.#told.get(pod.uid) ?? none, values)
    if (!this.#gone.has(pod.uid)) this.#told.set(pod.uid, told)
    return told
  }

  /** Sends what has changed. svidwatch probes by itself, once a minute; what others see takes longer. */
  #send(channel: Channel, name: string, value: string, arrive: () => void): void {
    if (this.#sent.get(name) === value) return
    this.#sent.set(name, value)
    const delayMs = channel === this.probes ? this.#world.chance.between(0, minuteMs) : this.#sight.delayMs()
    channel.send(name.split(' ')[1] ?? name, this.#world.nowMs, delayMs, arrive)
  }

  #seenMs({ found }: Told): number {
    return Math.min(this.api.contactMs, found ? this.#nodeOf(found.on).contactMs : Infinity)
  }

  #nodeOf(node: Node): Channel {
    const channel = this.nodes.get(node)
    if (channel === undefined) throw new Error(`no node ${node.name}`)
    return channel
  }

  #factsOf(issuer: Issuer): IssuerFacts {
    const { isReady, count = 0 } = this.#issuers.get(issuer) ?? {}
    const those = [...this.#told.values()].filter(({ pod }) => pod.owner.issuer === issuer)
    const asked = those.flatMap(({ askedMs }) => askedMs ?? [])
    const failed = those.flatMap(({ issuedMs, hasExpiredSvid }) => (hasExpiredSvid ? (issuedMs.at(-1) ?? []) : []))
    const issued = issuer.issuedMs.slice(0, count).filter((each) => !failed.includes(each))
    return {
      isDiagnosed: false,
      isReady,
      ...(asked.length > 0 && { oldestWaitingMs: epochMs + Math.min(...asked) }),
      ...(failed.length > 0 && { lastFailedMs: epochMs + Math.max(...failed) + issuer.skewMs }),
      ...(issued.length > 0 && { lastIssuedMs: epochMs + Math.max(...issued.slice(-20)) + issuer.skewMs }),
      issued: issued.filter((each) => each > this.#world.nowMs - 10 * minuteMs).length,
    }
  }
}
