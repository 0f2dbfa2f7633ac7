import type { Policy } from '../../src/watchdog/policy.ts'
import type { Asked, Witness } from './api.ts'
import { Evidence } from './evidence.ts'
import type { Observer } from './observer.ts'
import { isIn, type Troubles } from './troubles.ts'
import { isHealedByRestart, isTouchable, obstaclesTo } from './truth.ts'
import { WaitingPods } from './waiting.ts'
import { minuteMs, type Pod, type World } from './world.ts'

/** What came of an incident. */
export interface Verdict {
  /** What must not happen. */
  readonly violations: readonly string[]
  readonly restarts: number
  readonly healed: number
  /** Canaries that did not heal. */
  readonly canariesInVain: number
  /** Restarts in vain whose evidence had not arrived. */
  readonly excused: number
  /** The pods that a restart would heal, and for how long the last of them waited. */
  readonly healable: number
  readonly longestMs: number
}

const hourMs = 60 * minuteMs
/** All annotations of an object may have 256 KiB together. */
const maxBytes = 192 * 1024

/** Judge knows what is true, and nothing of how decisions are made. */
export class Judge implements Witness {
  readonly #world: World
  readonly #policy: Policy
  readonly #troubles: Troubles
  readonly #evidence: Evidence
  readonly #waiting: WaitingPods
  readonly #violations = new Set<string>()
  /** The pods of the reservations that were stored, and of those that had an effect. */
  readonly #reserved = new Map<number, string>()
  readonly #effects = new Map<number, string>()
  readonly #evictions: { readonly atMs: number; readonly pod: Pod }[] = []
  /** What canaries have shown to keep restarts from healing. */
  readonly #shown = new Set<unknown>()
  #healed = 0
  #canariesInVain = 0
  #excused = 0

  constructor(world: World, observer: Observer, policy: Policy, troubles: Troubles) {
    this.#world = world
    this.#policy = policy
    this.#troubles = troubles
    this.#evidence = new Evidence(world, observer)
    this.#waiting = new WaitingPods(world, observer, policy, troubles)
  }

  stored(text: string | undefined): void {
    if (text === undefined) return
    if (Buffer.byteLength(text) > maxBytes) this.#violations.add('the record of restarts is too large')
    const { reservations } = JSON.parse(text) as { reservations: { id: number; pod: string }[] }
    for (const { id, pod } of reservations) {
      if ((this.#reserved.get(id) ?? pod) !== pod) this.#violations.add(`reservation ${id} is used twice`)
      this.#reserved.set(id, pod)
    }
  }

  evicted(pod: Pod, { reservation, isCanary }: Asked): void {
    const { nowMs } = this.#world
    const at = `at ${(nowMs / minuteMs).toFixed(1)} min`
    if (this.#reserved.get(reservation) !== pod.uid) this.#violations.add(`a restart without a reservation ${at}`)
    if (this.#effects.has(reservation)) this.#violations.add(`two effects of reservation ${reservation} ${at}`)
    this.#effects.set(reservation, pod.uid)
    if (isIn(this.#troubles.forbidden, nowMs)) this.#violations.add(`restarted although it was forbidden ${at}`)
    if (!isTouchable(pod)) this.#violations.add(`${pod.owner.untouchable || pod.owner.label} pod restarted ${at}`)
    this.#evictions.push({ atMs: nowMs, pod })
    this.#checkCaps(pod)
    if (isHealedByRestart(pod, this.#world)) this.#healed += 1
    else if (this.#evidence.isUndelivered(pod)) this.#excused += 1
    else if (isCanary && this.#isFirst(pod)) this.#canariesInVain += 1
    else this.#violations.add(`${pod.uid} of ${pod.owner.key} restarted in vain ${at}`)
  }

  /** Looks at the world after a step. */
  step(): void {
    this.#evidence.step()
    this.#waiting.step(this.#canariesInVain + this.#excused > 0)
  }

  conclude(): Verdict {
    const { waitsMs } = this.#waiting
    return {
      violations: [...this.#violations, ...this.#waiting.tooLong()],
      restarts: this.#evictions.length,
      healed: this.#healed,
      canariesInVain: this.#canariesInVain,
      excused: this.#excused,
      healable: waitsMs.length,
      longestMs: Math.max(0, ...waitsMs),
    }
  }

  /** Whether the pod is the first that shows what keeps restarts from healing: of a pod that was well, that is its node. */
  #isFirst(pod: Pod): boolean {
    const obstacles = obstaclesTo(pod, this.#world)
    const shown = obstacles.length > 0 ? obstacles : [pod.node]
    const isFirst = shown.some((obstacle) => !this.#shown.has(obstacle))
    for (const obstacle of shown) this.#shown.add(obstacle)
    return isFirst
  }

  #checkCaps({ owner, node }: Pod): void {
    const { ownerPerHour, ownerSharePerHour, namespacePerHour, nodePerHour, clusterPerHour } = this.#policy.caps
    const sinceMs = this.#world.nowMs - hourMs
    const lately = this.#evictions.filter(({ atMs }) => atMs > sinceMs).map(({ pod }) => pod)
    const ownersCap = Math.max(ownerPerHour, Math.floor(ownerSharePerHour * owner.replicas))
    const counts = [
      [lately.filter((pod) => pod.owner === owner).length, ownersCap, owner.key],
      [lately.filter((pod) => pod.owner.namespace === owner.namespace).length, namespacePerHour, owner.namespace],
      [lately.filter((pod) => pod.node === node).length, nodePerHour, node.name],
      [lately.length, clusterPerHour, 'the cluster'],
    ] as const
    for (const [count, cap, whose] of counts) if (count > cap) this.#violations.add(`the cap of ${whose} is exceeded`)
  }
}
