/** Values by a pod's uid and a key of their own, so that all of one pod can be found. */
export class ByPod<Value> {
  readonly #pods = new Map<string, Map<string, Value>>()
  #size = 0

  /** How many values there are. */
  get size(): number {
    return this.#size
  }

  has(podUid: string): boolean {
    return this.#pods.has(podUid)
  }

  get(podUid: string, key: string): Value | undefined {
    return this.#pods.get(podUid)?.get(key)
  }

  set(podUid: string, key: string, value: Value): void {
    const ofPod = this.#pods.get(podUid) ?? new Map<string, Value>()
    if (!ofPod.has(key)) this.#size += 1
    ofPod.set(key, value)
    this.#pods.set(podUid, ofPod)
  }

  delete(podUid: string, key: string): void {
    const ofPod = this.#pods.get(podUid)
    if (ofPod?.delete(key)) this.#size -= 1
    if (ofPod?.size === 0) this.#pods.delete(podUid)
  }

  /** The values of one pod; they may be deleted meanwhile. */
  of(podUid: string): Iterable<Value> {
    return this.#pods.get(podUid)?.values() ?? []
  }

  *all(): Iterable<Value> {
    for (const ofPod of this.#pods.values()) yield* ofPod.values()
  }

  podUids(): Iterable<string> {
    return this.#pods.keys()
  }
}
