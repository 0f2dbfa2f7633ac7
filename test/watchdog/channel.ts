/** What was seen on its way to svidwatch, in order, each as late as the channel is by then. */
export class Channel {
  readonly #waiting: {
    readonly of: string
    readonly seenMs: number
    readonly arrivesMs: number
    readonly arrive: () => void
  }[] = []
  #lastArrivesMs = -Infinity
  /** While it is cut, nothing arrives. */
  isCut = false
  /** When something arrived last; what is connected and has no news says so. */
  contactMs = 0

  send(of: string, seenMs: number, delayMs: number, arrive: () => void): void {
    this.#lastArrivesMs = Math.max(this.#lastArrivesMs, seenMs + delayMs)
    this.#waiting.push({ of, seenMs, arrivesMs: this.#lastArrivesMs, arrive })
  }

  deliver(nowMs: number): void {
    if (this.isCut) return
    this.contactMs = nowMs
    let delivered = 0
    for (const { arrivesMs, arrive } of this.#waiting) {
      if (arrivesMs > nowMs) break
      arrive()
      delivered += 1
    }
    this.#waiting.splice(0, delivered)
  }

  /** Everything that was seen before has arrived. */
  arrivedUntilMs(nowMs: number): number {
    return this.#waiting[0]?.seenMs ?? (this.isCut ? this.contactMs : nowMs)
  }

  /** Something about this is on its way. */
  hasNewsOf(of: string): boolean {
    return this.#waiting.some((one) => one.of === of)
  }
}
