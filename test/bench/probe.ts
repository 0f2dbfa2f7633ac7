import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { systemClock } from '../../src/clock.ts'
import { heard, startChild } from './childProcess.ts'

/** Starts a file of probes/ in a fresh process. Profiles of the processor and of what is retained go into `profileInto`. */
export function startProbe(file: string, args: readonly (string | number)[], profileInto?: string): ChildProcess {
  const profiling = ['--cpu-prof', `--cpu-prof-dir=${profileInto}`, '--heap-prof', `--heap-prof-dir=${profileInto}`]
  return startChild(`probes/${file}`, args, ['--expose-gc', ...(profileInto === undefined ? [] : profiling)])
}

/** Lets a probe end, and waits for that. */
export async function endProbe(child: ChildProcess): Promise<void> {
  child.disconnect()
  if (child.exitCode === null) await once(child, 'exit')
}

/** What a probe has said, and when its process was started. */
export interface Probed<Result> {
  readonly result: Result
  readonly startedMs: number
}

/** Runs a probe that says one thing. */
export async function probe<Result>(...args: Parameters<typeof startProbe>): Promise<Probed<Result>> {
  const startedMs = systemClock.now()
  const child = startProbe(...args)
  const result = await heard<Result>(child)
  await endProbe(child)
  return { result, startedMs }
}

/** What a probe says to whoever has started it. */
export function tell(result: object): void {
  process.send?.(result)
}
