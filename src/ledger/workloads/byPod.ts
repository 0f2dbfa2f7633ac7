/** A value under its key: what most pods have one of. */
interface Single<Value> {
  readonly key: string
  readonly value: Value
}

/**
 * Values by a pod's uid and a key of their own, so that all of one pod can be found. Nearly all of 100,000 pods have one value,
 * which is held without a Map of its own: that would be 200 bytes more for each.
 */
export class ByPod<Value> {
  readonly #pods = new Map<string, Single<Value> | Map<string, Value>>()
  #size = 0

  /** How many values there are. */
  get size(): number {
    return this.#size
  }

  has(podUid: string): boolean {
    return this.#pods.has(podUid)
  }

  get(podUid: string, key: string): Value | undefined {
    const ofPod = this.#pods.get(podUid)
    if (ofPod instanceof Map) return ofPod.get(key)
    return ofPod?.key === key ? ofPod.value : undefined
  }

  set(podUid: string, key: string, value: Value): void {
    const ofPod = this.#pods.get(podUid)
    if (ofPod instanceof Map) {
      if (!ofPod.has(key)) this.#size += 1
      ofPod.set(key, value)
      return
    }
    const isNew = ofPod?.key !== key
    if (isNew) this.#size += 1
    const isSecond = ofPod !== undefined && isNew
    this.#pods.set(podUid, isSecond ? new Map([[ofPod.key, ofPod.value]]).set(key, value) : { key, value })
  }

  delete(podUid: string, key: string): void {
    const ofPod = this.#pods.get(podUid)
    const isThere = ofPod instanceof Map ? ofPod.delete(key) : ofPod?.key === key
    if (!isThere) return
    this.#size -= 1
    if (!(ofPod instanceof Map) || ofPod.size === 0) this.#pods.delete(podUid)
  }

  /** The values of one pod; they may be deleted meanwhile. */
  of(podUid: string): Iterable<Value> {
    const ofPod = this.#pods.get(podUid)
    return ofPod === undefined ? [] : valuesOf(ofPod)
  }

  *all(): Iterable<Value> {
    for (const ofPod of this.#pods.values()) yield* valuesOf(ofPod)
  }

  podUids(): Iterable<string> {
    return this.#pods.keys()
  }
}

const valuesOf = <Value>(ofPod: Single<Value> | Map<string, Value>): Iterable<Value> =>
  ofPod instanceof Map ? ofPod.values() : [ofPod.value]
