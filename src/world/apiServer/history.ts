import type { StoredObject } from './object.ts'

/** The effect of one write on one object: it was created (no `previous`), changed, or deleted (no `current`). */
export interface Change {
  readonly resource: string
  readonly revision: number
  readonly previous: StoredObject | undefined
  readonly current: StoredObject | undefined
}

/** The newest changes, oldest first. Older ones are forgotten, as by etcd's compaction after a few minutes. */
export class History {
  readonly #changesKept: number
  #changes: Change[] = []
  /**
   * The index of the oldest change that is not forgotten. Forgotten changes are removed many at a time, because removing one costs
   * as much.
   */
  #first = 0
  #compacted = 0

  constructor(changesKept: number) {
    this.#changesKept = changesKept
  }

  /** The oldest revision whose state is still known and after which no change is missing. */
  get compactedRevision(): number {
    return this.#compacted
  }

  append(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length - this.#first <= this.#changesKept) return
    this.#compacted = this.#changes[this.#first]?.revision ?? this.#compacted
    this.#first += 1
    if (this.#first > this.#changesKept) this.#drop(this.#first)
  }

  compact(revision: number): void {
    this.#drop(this.#changes.length)
    this.#compacted = revision
  }

  changesAfter(revision: number): readonly Change[] {
    const isAfter = ({ revision: one }: Change, index: number) => index >= this.#first && one > revision
    const first = this.#changes.findIndex(isAfter)
    return first === -1 ? [] : this.#changes.slice(first)
  }

  #drop(count: number): void {
    this.#changes = this.#changes.slice(count)
    this.#first = 0
  }
}

/** Returns a copy of a resource's objects by key, with the changes undone, newest first. */
export function rewind(
  objects: ReadonlyMap<string, StoredObject>,
  changes: readonly Change[],
): Map<string, StoredObject> {
  const earlier = new Map(objects)
  for (const { previous, current } of changes.toReversed()) {
    if (previous !== undefined) earlier.set(previous.key, previous)
    else if (current !== undefined) earlier.delete(current.key)
  }
  return earlier
}
