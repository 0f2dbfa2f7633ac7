import type { Clock } from '../clock.ts'

/** Something that is committed where it is new. */
interface Committable {
  commit(signal: AbortSignal): Promise<void>
}

/** Commits now, and again after each interval, until `signal` aborts. */
export async function commitRegularly(
  one: Committable,
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await one.commit(signal)
    await clock.sleep(intervalMs, signal)
  }
}
