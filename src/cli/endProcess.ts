import { inspect } from 'node:util'
import type { Clock } from '../clock.ts'

/** What a thread of libuv's pool can wait for without end. The names are those of process.getActiveResourcesInfo. */
const endless = /^(FSReq|GetAddrInfo|GetNameInfo)/

const hangs = (): boolean => process.getActiveResourcesInfo().some((name) => endless.test(name))

const attempts = 10
const attemptMs = 20

/** Ends the process with this exit code. Calls that are about to end get 200 ms; without any, the process ends at once. */
export async function endProcess(clock: Clock, code: number): Promise<never> {
  for (let attempt = 0; attempt < attempts && hangs(); attempt += 1) await clock.sleep(attemptMs)
  process.exit(code)
}

/**
 * Lets this process end whatever hangs. Node.js waits for all threads of libuv's pool when it ends, and a thread that waits for a
 * file system that does not answer would keep it for ever. A signal ends the process then: SIGTERM in place of exit code 0, which
 * service managers take for an end as asked, and SIGKILL in place of others. The first process of a container cannot send itself a
 * signal that ends it, so it aborts.
 */
export function endWhateverHangs(): void {
  let uncaught: unknown
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = error
  })
  process.on('exit', (code) => {
    if (!hangs()) return
    // Node.js would write the error later.
    if (uncaught !== undefined) process.stderr.write(`${inspect(uncaught)}\n`)
    process.removeAllListeners('SIGTERM')
    process.kill(process.pid, code === 0 ? 'SIGTERM' : 'SIGKILL')
    process.abort()
  })
}
