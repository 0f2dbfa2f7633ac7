import type { Observer } from './observer.ts'
import { illnessOf, isHealedByRestart } from './truth.ts'
import { minuteMs, type Issuer, type Owner, type Pod, type World } from './world.ts'

/** A failing issuer shows once a request has waited for so long. */
const waitsMs = 1.5 * minuteMs
/** The third renewal shows that an SVID flaps, which is renewed each minute. */
const flapsMs = 3 * minuteMs

/** Evidence knows since when a restart of each pod is in vain, and whether that could be known. */
export class Evidence {
  readonly #world: World
  readonly #observer: Observer
  readonly #inVainMs = new Map<string, number>()
  readonly #badSinceMs = new Map<Issuer, number>()

  constructor(world: World, observer: Observer) {
    this.#world = world
    this.#observer = observer
  }

  step(): void {
    const { pods, issuers, nowMs } = this.#world
    for (const pod of pods.values()) note(this.#inVainMs, pod.uid, !isHealedByRestart(pod, this.#world), nowMs)
    for (const issuer of issuers) note(this.#badSinceMs, issuer, !issuer.works || issuer.signsExpired, nowMs)
  }

  /** Whether what makes a restart of the pod be in vain had not shown, or what shows it had not arrived. */
  isUndelivered(pod: Pod): boolean {
    if (illnessOf(pod, this.#world) === '') return this.#observer.hasNewsOf(pod)
    const sinceMs = this.#inVainMs.get(pod.uid) ?? this.#world.nowMs
    return this.#shownMs(pod.owner, sinceMs) >= this.#observer.arrivedUntilMs(pod)
  }

  /** When the first request showed that the issuer fails, or the third that an SVID flaps; otherwise, what is wrong shows at once. */
  #shownMs({ issuer, isFlapping }: Owner, sinceMs: number): number {
    if (isFlapping) return sinceMs + flapsMs
    const { works, claimsReady, signsExpired, issuedMs } = issuer
    const badSinceMs = this.#badSinceMs.get(issuer) ?? sinceMs
    if (signsExpired) return issuedMs.find((each) => each > badSinceMs) ?? Infinity
    if (works || !claimsReady) return sinceMs
    const those = [...this.#world.pods.values()].filter(({ owner }) => owner.issuer === issuer)
    return Math.min(...those.flatMap(({ askedMs }) => askedMs ?? [])) + waitsMs
  }
}

/** Notes since when something has been so. */
function note<Key>(since: Map<Key, number>, key: Key, isSo: boolean, nowMs: number): void {
  if (!isSo) since.delete(key)
  else if (!since.has(key)) since.set(key, nowMs)
}
