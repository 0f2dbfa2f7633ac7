import { instantOf, type Clock } from '../../../clock.ts'
import type { CopyChanges } from '../copyChanges.ts'
import type { ServedObservation } from '../observations.ts'
import type { Reloads } from './reloads.ts'
import { placeServed } from './serverPlaces.ts'
import { probed, type PortProbe } from './servedSide.ts'
import type { Slots } from '../slots.ts'
import type { KnownPod } from '../svid.ts'

/** Probes of pods that are not known are kept for no more pods than this. */
const maxUnknown = 1_000

export interface PodServersOptions {
  readonly clock: Clock
  readonly slots: Slots
  readonly changes: CopyChanges
  readonly reloads: Reloads
  /** Returns a pod with its SVIDs, if it is known. */
  readonly known: (podUid: string) => KnownPod | undefined
}

/**
 * PodServers holds what the probes of the ports of pods came to, and says what is served of the SVIDs of each pod. Probes of a pod that is
 * not known yet wait for it.
 */
export class PodServers {
  readonly #options: PodServersOptions
  readonly #pods = new Map<string, Map<number, PortProbe>>()
  /** The pods that are not known, in the order in which they were probed first. */
  readonly #unknown = new Set<string>()

  constructor(options: PodServersOptions) {
    this.#options = options
  }

  take(podUid: string, port: number, result: ServedObservation['result']): void {
    const { clock, slots, known } = this.#options
    const ports = this.#pods.get(podUid) ?? new Map<number, PortProbe>()
    this.#pods.set(podUid, ports)
    const served = probed(ports.get(port)?.served, port, result, instantOf(clock), slots)
    const { outcome, detail } = 'outcome' in result ? result : { outcome: 'svid' as const, detail: '' }
    ports.set(port, { port, outcome, detail, served })
    const pod = known(podUid)
    if (pod) return this.changed(pod)
    this.#unknown.add(podUid)
    if (this.#unknown.size > maxUnknown) this.forget(this.#unknown.values().next().value ?? podUid)
  }

  /** The port is probed no longer. */
  end(podUid: string, port: number): void {
    const ports = this.#pods.get(podUid)
    const ended = ports?.get(port)
    if (ports === undefined || ended === undefined) return
    if (ended.served) this.#options.slots.free(ended.served.slot)
    ports.delete(port)
    if (ports.size === 0) this.forget(podUid)
    const pod = this.#options.known(podUid)
    if (pod) this.changed(pod)
  }

  /** Says what is served of the SVIDs of a pod. Must be called once the pod, its mounted or its issued SVIDs have changed. */
  changed(pod: KnownPod): void {
    const { uid } = pod.pod
    const probes = this.#pods.get(uid)
    if (probes === undefined && pod.probes === undefined) return
    this.#unknown.delete(uid)
    pod.probes = probes
    const before = pod.svids.map(({ served }) => served)
    placeServed(pod.svids, probes ?? new Map(), instantOf(this.#options.clock))
    const { changes, reloads } = this.#options
    for (const [index, svid] of pod.svids.entries()) {
      changes.served(pod, svid, before[index])
      reloads.mayBePresented(pod, svid, before[index])
    }
  }

  /** Forgets the probes of a pod that is gone. */
  forget(podUid: string): void {
    for (const { served } of this.#pods.get(podUid)?.values() ?? []) if (served) this.#options.slots.free(served.slot)
    this.#pods.delete(podUid)
    this.#unknown.delete(podUid)
  }
}
