import type { Clock } from '../clock.ts'

/** Something that can be committed. */
interface Committable {
  /** Commits what is new. Never rejects. */
  commit(signal: AbortSignal): Promise<void>
}

/** Commits now and after each interval, until `signal` aborts. */
export async function commitRegularly(
  committable: Committable,
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await committable.commit(signal)
    await clock.sleep(intervalMs, signal)
  }
}
