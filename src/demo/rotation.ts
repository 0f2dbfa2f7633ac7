import type { Clock } from '../clock.ts'
import type { TrustActs } from '../world/trustActs.ts'
import { rotationLine, type Paint } from './narration.ts'
import { rotationAfterMs, type RotationOrder } from './rotationOrders.ts'

interface Step {
  readonly afterMs: number
  readonly act: (world: TrustActs) => unknown
  /** What has happened, for a line of the terminal. */
  readonly what: string
  /** From this step on, connections fail. */
  readonly breaks?: true
}

const dropOlder = (afterMs: number): Step => ({
  afterMs,
  act: (world) => world.dropOlderAuthorities(),
  what: 'the old CA has left the trust bundles: no SVID needs it any more',
})

/** The drivers have a changed bundle within half a minute, and each SVID is renewed within 2. */
const steps: Readonly<Record<RotationOrder, readonly Step[]>> = {
  early: [
    {
      afterMs: rotationAfterMs,
      act: async (world) => {
        world.stopTrustManager()
        await world.announceAuthority()
        world.signWithNewest()
      },
      what: 'a new CA signs from now on, and no trust bundle has it: trust-manager is down',
      breaks: true,
    },
    {
      afterMs: 360_000,
      act: (world) => world.startTrustManager(),
      what: 'trust-manager is back: within 30 s, all trust bundles have the new CA',
    },
    dropOlder(540_000),
  ],
  orderly: [
    {
      afterMs: rotationAfterMs,
      act: (world) => world.announceAuthority(),
      what: 'a new CA is on its way into the trust bundles, and does not sign yet',
    },
    {
      afterMs: 180_000,
      act: (world) => world.signWithNewest(),
      what: 'the new CA signs from now on, and all trust bundles have it',
    },
    dropOlder(390_000),
  ],
}

interface RotationOptions {
  readonly clock: Clock
  readonly order: RotationOrder
  readonly print: (text: string) => void
  readonly paint: Paint
}

/** Rotates the CA of the issuer step by step, and prints each step. Ends early if `signal` aborts. */
export async function rotateCa(
  world: TrustActs,
  { clock, order, print, paint }: RotationOptions,
  signal: AbortSignal,
): Promise<void> {
  const beganMs = clock.monotonicMs()
  for (const { afterMs, act, what, breaks = false } of steps[order]) {
    await clock.sleep(beganMs + afterMs - clock.monotonicMs(), signal)
    if (signal.aborted) return
    await act(world)
    print(rotationLine(clock.now(), what, breaks, paint))
  }
}
