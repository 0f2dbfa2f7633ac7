import type { Clock } from '../clock.ts'

/** What a thread of libuv's pool can wait for without end. The names are those of process.getActiveResourcesInfo. */
const endless = /^(FSReq|GetAddrInfo|GetNameInfo)/

const hangs = (): boolean => process.getActiveResourcesInfo().some((name) => endless.test(name))

const attempts = 10
const attemptMs = 20

/** Ends the process as `endNow` does. Calls that are about to end get 200 ms. */
export async function endProcess(clock: Clock, code: number, signal: NodeJS.Signals): Promise<never> {
  for (let attempt = 0; attempt < attempts && hangs(); attempt += 1) await clock.sleep(attemptMs)
  return endNow(code, signal)
}

/**
 * Ends the process with this exit code. Node.js' own exit waits for all threads of libuv's pool, and a thread that waits for a file
 * system that does not answer would keep it for ever. `signal` ends the process then. The first process of a container cannot send
 * itself a signal that ends it, so it aborts.
 */
export function endNow(code: number, signal: NodeJS.Signals): never {
  if (!hangs()) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  process.abort()
}
