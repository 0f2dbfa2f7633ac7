import type { Clock } from '../clock.ts'
import { outageLine, type Paint } from './narration.ts'
import type { World } from '../world/world.ts'

interface OutageOptions {
  readonly clock: Clock
  readonly afterMs: number
  readonly print: (text: string) => void
  readonly paint: Paint
}

/** Takes the issuer's key away for good after `afterMs` milliseconds, and prints that. Does nothing if `signal` aborts before. */
export async function loseIssuer(world: Pick<World, 'stopIssuer'>, options: OutageOptions, signal: AbortSignal) {
  const { clock, afterMs, print, paint } = options
  await clock.sleep(afterMs, signal)
  if (signal.aborted) return
  world.stopIssuer()
  print(outageLine(clock.now(), paint))
}
