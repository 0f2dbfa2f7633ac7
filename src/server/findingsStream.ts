import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { silentMs } from '../nodeStream/contract.ts'
import { encodeLine } from '../nodeStream/lines.ts'
import type { FindingsQueue } from './findingsQueue.ts'

/**
 * Writes what `queue` has to say, each line as soon as the one before was taken, until `signal` aborts. Then the answer has
 * ended; that of a client that takes nothing for silentMs, or is behind when `signal` aborts, with its connection.
 */
export async function streamFindings(
  queue: FindingsQueue,
  response: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const ring = () => queue.ring()
  signal.addEventListener('abort', ring)
  try {
    while (!signal.aborted) {
      const line = queue.next() ?? (await queue.silence(clock))
      if (line === undefined || response.write(encodeLine(line))) continue
      if (await isDrained(response, clock, signal)) continue
      response.destroy()
      return
    }
    response.end()
  } finally {
    signal.removeEventListener('abort', ring)
  }
}

/** Whether the client takes what is waiting for it in time. */
async function isDrained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const drained = new AbortController()
  const drain = () => drained.abort()
  response.once('drain', drain)
  await clock.sleep(silentMs, AbortSignal.any([drained.signal, signal]))
  response.off('drain', drain)
  return drained.signal.aborted
}
