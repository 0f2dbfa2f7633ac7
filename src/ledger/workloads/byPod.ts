/**
 * ByPod holds values by a pod's uid and a key of the value, so that all values of a pod can be found. Nearly all of 100,000 pods
 * have one value, which is held without a Map of its own: a Map would take 200 bytes more for each pod.
 */
export class ByPod<Value extends object | string> {
  readonly #keyOf: (value: Value) => string
  readonly #pods = new Map<string, Value | Map<string, Value>>()
  #size = 0

  /** `keyOf` returns the key of a value, which must never change. */
  constructor(keyOf: (value: Value) => string) {
    this.#keyOf = keyOf
  }

  /** The number of values. */
  get size(): number {
    return this.#size
  }

  has(podUid: string): boolean {
    return this.#pods.has(podUid)
  }

  get(podUid: string, key: string): Value | undefined {
    const ofPod = this.#pods.get(podUid)
    if (ofPod instanceof Map) return ofPod.get(key)
    return ofPod !== undefined && this.#keyOf(ofPod) === key ? ofPod : undefined
  }

  set(podUid: string, value: Value): void {
    const key = this.#keyOf(value)
    const ofPod = this.#pods.get(podUid)
    if (ofPod instanceof Map) {
      if (!ofPod.has(key)) this.#size += 1
      ofPod.set(key, value)
      return
    }
    const other = ofPod !== undefined && this.#keyOf(ofPod) !== key ? ofPod : undefined
    if (ofPod === undefined || other !== undefined) this.#size += 1
    this.#pods.set(podUid, other === undefined ? value : new Map([[this.#keyOf(other), other]]).set(key, value))
  }

  delete(podUid: string, key: string): void {
    const ofPod = this.#pods.get(podUid)
    const isThere = ofPod instanceof Map ? ofPod.delete(key) : ofPod !== undefined && this.#keyOf(ofPod) === key
    if (!isThere) return
    this.#size -= 1
    if (!(ofPod instanceof Map) || ofPod.size === 0) this.#pods.delete(podUid)
  }

  /** Returns the values of one pod, which may be deleted during the iteration. */
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

const valuesOf = <Value extends object | string>(ofPod: Value | Map<string, Value>): Iterable<Value> =>
  ofPod instanceof Map ? ofPod.values() : [ofPod]
