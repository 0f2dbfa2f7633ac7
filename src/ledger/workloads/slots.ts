/**
 * Small numbers for what comes and goes: no two have the same one at a time, and one that is free is given again. What an output
 * keeps of each of them can stand in an array.
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
