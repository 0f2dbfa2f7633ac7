import type { Observation } from '../../ledger/observations.ts'
import type { ProbedPod } from './probedPod.ts'

/** Is called with the uid of a pod, what is known of it now, undefined if it is probed no longer, and what was known before. */
export type OnProbedPod = (uid: string, pod: ProbedPod | undefined, before: ProbedPod | undefined) => void

interface Known {
  readonly pod: ProbedPod
  /** What the watch that sees the pod watches: a namespace, or '' for the whole cluster. */
  readonly part: string
}

/**
 * The pods to probe, as the source of pods sees them, so that pods are watched only once. Pods that are not probed are not kept.
 */
export class ProbedPods {
  readonly #pods = new Map<string, Known>()
  /** The pods that a list has named so far, for each watch that lists. */
  readonly #listed = new Map<string, Set<string>>()
  #onPod: OnProbedPod | undefined

  /** Returns where a pod is probed now. */
  get(uid: string): ProbedPod | undefined {
    return this.#pods.get(uid)?.pod
  }

  /** Calls `onPod` for each pod that is known, and for each change from now on. There is one follower. */
  follow(onPod: OnProbedPod): void {
    this.#onPod = onPod
    for (const [uid, { pod }] of this.#pods) onPod(uid, pod, undefined)
  }

  /** A pod was listed, added or modified. `probed` is undefined if it is not probed. */
  seen(uid: string, probed: ProbedPod | undefined, part = ''): void {
    if (probed === undefined) return this.#remove(uid)
    this.#listed.get(part)?.add(uid)
    const before = this.#pods.get(uid)?.pod
    if (before !== undefined && isSame(before, probed)) return
    this.#pods.set(uid, { pod: probed, part })
    this.#onPod?.(uid, probed, before)
  }

  /** Learns from what the source of pods reports which pods are gone. */
  observe(observation: Observation): void {
    switch (observation.kind) {
      case 'podDeleted':
        return this.#remove(observation.uid)
      case 'listing':
        this.#listed.set(observation.namespace ?? '', new Set())
        return
      case 'unread':
        this.#listed.get(observation.namespace ?? '')?.add(observation.uid)
        return
      case 'listed':
        return this.#removeUnlisted(observation.namespace ?? '')
      default:
    }
  }

  #removeUnlisted(part: string): void {
    const listed = this.#listed.get(part)
    this.#listed.delete(part)
    for (const [uid, known] of this.#pods) {
      if (known.part === part && listed?.has(uid) === false) this.#remove(uid)
    }
  }

  #remove(uid: string): void {
    const before = this.#pods.get(uid)?.pod
    if (before === undefined) return
    this.#pods.delete(uid)
    this.#onPod?.(uid, undefined, before)
  }
}

function isSame(one: ProbedPod, other: ProbedPod): boolean {
  return (
    one.address === other.address &&
    one.hostNetwork === other.hostNetwork &&
    one.ports.join() === other.ports.join() &&
    one.problem?.detail === other.problem?.detail
  )
}
