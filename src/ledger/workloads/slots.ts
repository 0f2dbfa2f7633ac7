/**
 * Slots gives each copy of an SVID a small number that no other copy has at the same time. Freed numbers are reused, so outputs can
 * keep what they need for each copy in an array.
 */
export class Slots {
  readonly #free: number[] = []
  #next = 0

  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  free(slot: number): void {
    this.#free.push(slot)
  }
}
