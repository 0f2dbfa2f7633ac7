import type { Clock } from '../../../src/clock.ts'

export interface PaceOptions {
  readonly clock: Clock
  readonly perSecond: number
  readonly seconds: number
  /** What begins later because so much is still under way is late: see what has been done in the end. */
  readonly atOnce: number
}

/** Begins work in steady intervals; resolves with how many pieces were done. What fails ends it. */
export async function pace(
  { clock, perSecond, seconds, atOnce }: PaceOptions,
  work: (count: number) => Promise<unknown>,
): Promise<number> {
  const sinceMs = clock.now()
  const total = perSecond * seconds
  let next = 0
  const worker = async () => {
    while (next < total && clock.now() - sinceMs < seconds * 1000) {
      const count = next++
      await clock.sleep(Math.max(0, sinceMs + (count / perSecond) * 1000 - clock.now()))
      await work(count)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return next
}
