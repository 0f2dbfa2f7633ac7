import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ManualClock } from './manualClock.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects garbage. Closed handles and the targets of WeakRefs are only freed after another turn of the event loop. */
export async function collectGarbage(): Promise<void> {
  collect()
  await new ManualClock().advance(0)
  collect()
}

/** Returns the size of the live memory in bytes: the heap and the external memory that it holds. */
export async function heapBytes(): Promise<number> {
  await collectGarbage()
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}
