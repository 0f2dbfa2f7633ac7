/** Values by a pod's uid and a key of their own, so that all of one pod can be found. */
export class ByPod<Value> {
  readonly #pods = new Map<string, Map<string, Value>>()

  get(podUid: string, key: string): Value | undefined {
    return this.#pods.get(podUid)?.get(key)
  }

  set(podUid: string, key: string, value: Value): void {
    const ofPod = this.#pods.get(podUid) ?? new Map<string, Value>()
    ofPod.set(key, value)
    this.#pods.set(podUid, ofPod)
  }

  delete(podUid: string, key: string): void {
    const ofPod = this.#pods.get(podUid)
    ofPod?.delete(key)
    if (ofPod?.size === 0) this.#pods.delete(podUid)
  }

  /** The values of one pod; they may be deleted meanwhile. */
  of(podUid: string): Iterable<Value> {
    return this.#pods.get(podUid)?.values() ?? []
  }

  podUids(): Iterable<string> {
    return this.#pods.keys()
  }
}
