import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ManualClock } from '../../support/manualClock.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is alive in memory, in bytes: the heap, and what it holds outside of it. What was closed goes in a turn of its own. */
export async function heapBytes(): Promise<number> {
  collect()
  await new ManualClock().advance(0)
  collect()
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}
