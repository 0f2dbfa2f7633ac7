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

  get size(): number {
    return this.#size
  }

  has(podUid: string): boolean {
    return this.#pods.has(podUid)
  }

  get(podUid: string, key: string): Value | undefined {
    const entry = this.#pods.get(podUid)
    if (entry instanceof Map) return entry.get(key)
    return entry !== undefined && this.#keyOf(entry) === key ? entry : undefined
  }

  set(podUid: string, value: Value): void {
    const key = this.#keyOf(value)
    const entry = this.#pods.get(podUid)
    if (entry instanceof Map) {
      if (!entry.has(key)) this.#size += 1
      entry.set(key, value)
      return
    }
    const other = entry !== undefined && this.#keyOf(entry) !== key ? entry : undefined
    if (entry === undefined || other !== undefined) this.#size += 1
    this.#pods.set(podUid, other === undefined ? value : new Map([[this.#keyOf(other), other]]).set(key, value))
  }

  delete(podUid: string, key: string): void {
    const entry = this.#pods.get(podUid)
    const isThere = entry instanceof Map ? entry.delete(key) : entry !== undefined && this.#keyOf(entry) === key
    if (!isThere) return
    this.#size -= 1
    if (!(entry instanceof Map) || entry.size === 0) this.#pods.delete(podUid)
  }

  /** Returns the values of one pod, which may be deleted during the iteration. */
  getAll(podUid: string): Iterable<Value> {
    const entry = this.#pods.get(podUid)
    return entry === undefined ? [] : valuesOf(entry)
  }

  *all(): Iterable<Value> {
    for (const entry of this.#pods.values()) yield* valuesOf(entry)
  }

  podUids(): Iterable<string> {
    return this.#pods.keys()
  }
}

const valuesOf = <Value extends object | string>(entry: Value | Map<string, Value>): Iterable<Value> =>
  entry instanceof Map ? entry.values() : [entry]
