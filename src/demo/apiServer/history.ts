import type { StoredObject } from './object.ts'

/** What one write did to one object: created (no `previous`), changed, or deleted (no `current`). */
export interface Change {
  readonly resource: string
  readonly revision: number
  readonly previous: StoredObject | undefined
  readonly current: StoredObject | undefined
}

/** How many changes are kept; older ones are forgotten, as etcd's compaction does after a few minutes. */
const changesKept = 10_000

/** The changes that are not yet forgotten, oldest first. */
export class History {
  #changes: Change[] = []
  #compacted = 0

  /** The oldest revision of which the state is still known, and after which no change is missing. */
  get compactedRevision(): number {
    return this.#compacted
  }

  append(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length > changesKept) this.#compacted = this.#changes.shift()?.revision ?? this.#compacted
  }

  compact(revision: number): void {
    this.#changes = []
    this.#compacted = revision
  }

  after(revision: number): readonly Change[] {
    const first = this.#changes.findIndex((change) => change.revision > revision)
    return first === -1 ? [] : this.#changes.slice(first)
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
