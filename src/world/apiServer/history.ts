import type { StoredObject } from './object.ts'

/** What one write did to one object: created (no `previous`), changed, or deleted (no `current`). */
export interface Change {
  readonly resource: string
  readonly revision: number
  readonly previous: StoredObject | undefined
  readonly current: StoredObject | undefined
}

/** The changes that are not yet forgotten, oldest first: older ones are, as by etcd's compaction after a few minutes. */
export class History {
  readonly #changesKept: number
  #changes: Change[] = []
  /** Where those begin that are known: many forgotten ones are taken out at once, since taking one out costs as much. */
  #first = 0
  #compacted = 0

  constructor(changesKept: number) {
    this.#changesKept = changesKept
  }

  /** The oldest revision of which the state is still known, and after which no change is missing. */
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

  after(revision: number): readonly Change[] {
    const isAfter = ({ revision: one }: Change, index: number) => index >= this.#first && one > revision
    const first = this.#changes.findIndex(isAfter)
    return first === -1 ? [] : this.#changes.slice(first)
  }

  #drop(count: number): void {
    this.#changes = this.#changes.slice(count)
    this.#first = 0
  }
}

/** Takes back the changes, newest first, in a copy of a resource's objects by key. */
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
