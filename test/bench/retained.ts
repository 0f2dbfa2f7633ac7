/** What is alive in this process, in bytes: V8's heap, and what lies outside of it (buffers). */
export function aliveBytes(): number {
  if (global.gc === undefined) throw new Error('node must be started with --expose-gc')
  // What one round finalizes is collected by the next one.
  for (let round = 0; round < 3; round += 1) global.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What stays alive of what `make` returns for as long as that is kept. */
export function retainedBytes(make: () => unknown): number {
  const before = aliveBytes()
  const kept = [make()]
  const bytes = aliveBytes() - before
  // Nothing that is used later is collected before.
  kept.pop()
  return bytes
}

/** What a probe of memory tells. */
export interface Retained {
  readonly bytes: number
}
