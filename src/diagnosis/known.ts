import type { DiagnosisCode } from './codes.ts'
import type { Diagnosis } from './diagnosis.ts'

/** A Map of 100,000 entries is copied as a whole when it grows, which takes 5 to 10 ms. That of a shard takes a fraction of it. */
const shardCount = 32

/** Known holds diagnoses by code and key. */
export class Known {
  readonly #codes = new Map<DiagnosisCode, readonly Map<string, Diagnosis>[]>()

  get(code: DiagnosisCode, key: string): Diagnosis | undefined {
    return this.#codes.get(code)?.[shardOf(key)]?.get(key)
  }

  add(diagnosis: Diagnosis): void {
    const { code, key } = diagnosis
    const shards = this.#codes.get(code) ?? Array.from({ length: shardCount }, () => new Map<string, Diagnosis>())
    this.#codes.set(code, shards)
    shards[shardOf(key)]?.set(key, diagnosis)
  }

  *all(): Iterable<Diagnosis> {
    for (const shards of this.#codes.values()) for (const shard of shards) yield* shard.values()
  }
}

/** Keys end in what differs: a hash, a name, a path. */
function shardOf(key: string): number {
  const { length } = key
  return (key.charCodeAt(length - 1) * 7 + key.charCodeAt(length - 2)) % shardCount
}
