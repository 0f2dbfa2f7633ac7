import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ManualClock } from './manualClock.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Frees what nobody holds. What was closed, and what a WeakRef was asked for, goes in a turn of its own. */
export async function collectGarbage(): Promise<void> {
  collect()
  await new ManualClock().advance(0)
  collect()
}

/** What is alive in memory, in bytes: the heap, and what it holds outside of it. */
export async function heapBytes(): Promise<number> {
  await collectGarbage()
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}
