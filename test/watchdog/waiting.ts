import type { Policy } from '../../src/watchdog/policy.ts'
import type { Observer } from './observer.ts'
import type { Troubles } from './troubles.ts'
import { illnessOf, isHealedByRestart, isTouchable, isVisible, type Illness } from './truth.ts'
import { minuteMs, stepMs, type Issuer, type Pod, type World } from './world.ts'

/** How long pods of one cause may wait, by how many there are. */
const limits = [
  { size: 10, withinMs: 30 * minuteMs },
  { size: 200, withinMs: 240 * minuteMs },
] as const

/** So late, evidence is late; before, it is as usual. */
const usualDelayMs = minuteMs
/** After the issuer was away, everything has to settle, and to be looked at again; after nodes, the API or leave to act were, to be verified, too. */
const recoversMs = 10 * minuteMs
const verifiesMs = 25 * minuteMs

interface Waiting {
  readonly illness: Illness
  waitedMs: number
}

/** WaitingPods knows how long each pod waits that a restart would heal. What a watchdog rightly waits for does not count. */
export class WaitingPods {
  readonly #world: World
  readonly #observer: Observer
  readonly #policy: Policy
  readonly #troubles: Troubles
  readonly #waiting = new Map<string, Waiting>()
  readonly #awayMs = new Map<Issuer, number>()

  constructor(world: World, observer: Observer, policy: Policy, troubles: Troubles) {
    this.#world = world
    this.#observer = observer
    this.#policy = policy
    this.#troubles = troubles
  }

  /** How long each of the pods has waited, ms. */
  get waitsMs(): readonly number[] {
    return [...this.#waiting.values()].map(({ waitedMs }) => waitedMs)
  }

  /** `isHalted`: a restart was in vain, so that a person has to look first. */
  step(isHalted: boolean): void {
    const { pods, issuers, nowMs, isTrustBroken } = this.#world
    for (const issuer of issuers) {
      const { works, claimsReady, signsExpired } = issuer
      if (!works || !claimsReady || signsExpired || isTrustBroken) this.#awayMs.set(issuer, nowMs)
    }
    const ill = [...pods.values()].filter((pod) => illnessOf(pod, this.#world) !== '')
    const { staleShare, minStale } = this.#policy.circuit
    const isTooMany = ill.length > minStale && ill.length > staleShare * pods.size
    for (const pod of ill) {
      if (!this.#isDemanded(pod)) continue
      const waiting = this.#waiting.get(pod.uid) ?? { illness: illnessOf(pod, this.#world), waitedMs: 0 }
      this.#waiting.set(pod.uid, waiting)
      if (!isHalted && !isTooMany && !this.#isHindered(pod)) waiting.waitedMs += stepMs
    }
  }

  /** Names the causes whose pods have waited for too long. */
  tooLong(): readonly string[] {
    return Array.from(Map.groupBy(this.#waiting.values(), ({ illness }) => illness)).flatMap(([illness, those]) => {
      const withinMs = limits.find(({ size }) => those.length <= size)?.withinMs ?? Infinity
      const late = those.filter(({ waitedMs }) => waitedMs > withinMs).length
      return late === 0 ? [] : `${illness}: ${late} of ${those.length} were not healed in time`
    })
  }

  /** A pod that came after a restart, and is ill again, has a cool-down. */
  #isDemanded(pod: Pod): boolean {
    const isOld = pod.createdMs < 0
    return isOld && isTouchable(pod) && isVisible(pod, this.#world) && isHealedByRestart(pod, this.#world)
  }

  #isHindered(pod: Pod): boolean {
    const { nowMs } = this.#world
    const { apiOutage, blindness, forbidden } = this.#troubles
    return (
      nowMs - (this.#awayMs.get(pod.owner.issuer) ?? -Infinity) < recoversMs ||
      this.#observer.arrivedUntilMs(pod) < nowMs - usualDelayMs ||
      [apiOutage, blindness, forbidden].some((one) => one && nowMs >= one.fromMs && nowMs < one.toMs + verifiesMs)
    )
  }
}
