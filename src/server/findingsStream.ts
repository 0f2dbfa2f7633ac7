import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { silentMs } from '../nodeStream/contract.ts'
import { encodeLine } from '../nodeStream/lines.ts'
import type { FindingsQueue } from './findingsQueue.ts'

/**
 * Writes the lines of `queue`, each once the client has read the one before, until `signal` aborts, and then ends the response. A
 * client that reads nothing for silentMs, or has not caught up when `signal` aborts, has its connection destroyed.
 */
export async function streamFindings(
  queue: FindingsQueue,
  response: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const wake = () => queue.wake()
  signal.addEventListener('abort', wake)
  try {
    while (!signal.aborted) {
      const line = queue.next() ?? (await queue.waitForChange(clock))
      if (line === undefined || response.write(encodeLine(line))) continue
      if (await drainsInTime(response, clock, signal)) continue
      response.destroy()
      return
    }
    response.end()
  } finally {
    signal.removeEventListener('abort', wake)
  }
}

/** Reports whether the client reads what is buffered for it within silentMs. */
async function drainsInTime(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const drained = new AbortController()
  const drain = () => drained.abort()
  response.once('drain', drain)
  await clock.sleep(silentMs, AbortSignal.any([drained.signal, signal]))
  response.off('drain', drain)
  return drained.signal.aborted
}
