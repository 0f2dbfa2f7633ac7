import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { PodPlan } from '../../src/world/population.ts'
import type { PodTruth } from '../../src/world/truth.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { ManualClock } from './manualClock.ts'

/** An embedded world in which time passes only while a test waits. */
export interface WorldOnHold {
  readonly world: World
  readonly clock: ManualClock
  /** The kubelet's folder of the default node. */
  readonly kubeletRoot: string
  /** Returns the truth about the only pod, or about the named one. */
  readonly pod: (name?: string) => Promise<PodTruth>
  /** Lets time pass until `check` no longer throws, in steps of a second, with real time for files and signatures. */
  readonly until: (check: () => unknown) => Promise<void>
}

export const lifetimeMs = 180_000

export async function worldOnHold(
  pods: readonly Partial<PodPlan>[],
  issuer: Parameters<typeof startWorld>[0]['issuer'] = {},
  access: Parameters<typeof startWorld>[0]['access'] = {},
): Promise<WorldOnHold> {
  // Mounts are made in real time, so the time of the world begins there. Certificates have whole seconds.
  const clock = new ManualClock(Math.floor(systemClock.now() / 1000) * 1000)
  const plans = pods.map((pod) => ({
    namespace: 'shop',
    name: 'cart-0',
    serviceAccount: 'cart',
    node: 'node-1',
    fate: 'healthy' as const,
    ...pod,
  }))
  const world = await startWorld({ clock, root: tmpdir(), lifetimeMs, pods: plans, issuer, access })
  onTestFinished(() => world.close())
  return {
    world,
    clock,
    kubeletRoot: join(world.folder, 'node-1'),
    pod: async (name = plans[0]?.name) => {
      const found = (await world.truth()).find(({ workload }) => workload.pod === name)
      if (found === undefined) throw new Error(`there is no pod ${name ?? ''}`)
      return found
    },
    until: (check) =>
      vi.waitFor(
        async () => {
          await clock.advance(1000)
          await check()
        },
        { timeout: 20_000, interval: 3 },
      ),
  }
}
