import { systemClock as clock } from '../../../src/clock.ts'
import type { Figure } from '../figure.ts'
import { percentile } from '../follow.ts'
import { startNodeWorld, type NodeWorld } from '../nodeWorld.ts'
import { usageOf } from '../processUsage.ts'
import type { Task } from './measurement.ts'

/** Pods that are younger than two minutes are looked at more often. */
const settleMs = 130_000
const idleMs = 60_000
const swaps = 100

/** The node role of a node with `size` pods, at rest; and how late the cluster role shows that files were swapped. */
export async function measureNodeRole({ size, profileInto }: Task): Promise<readonly Figure[]> {
  const world = await startNodeWorld(clock, size, profileInto)
  try {
    while ((await shown(world)).length < size) await clock.sleep(100)
    await clock.sleep(settleMs)
    const before = usageOf(world.nodeRole.pid)
    await clock.sleep(idleMs)
    const after = usageOf(world.nodeRole.pid)
    const late = await swapSome(world, size)
    const share = ((after.cpuSeconds - before.cpuSeconds) / idleMs) * 1000
    const swapped = 'from a file swap to the cluster role'
    return [
      { name: 'RSS of the node role', unit: 'MB', measured: after.rssBytes / 1e6, goal: 90 },
      { name: 'CPU of the node role, idle', unit: '% of a core', measured: share * 100, goal: 0.2 },
      { name: `${swapped}, p50`, unit: 'ms', measured: percentile(late, 0.5) },
      { name: `${swapped}, p99`, unit: 'ms', measured: percentile(late, 0.99), goal: 1000 },
    ]
  } finally {
    await world.close()
  }
}

/** How late each of some swaps was shown, ascending, in ms: from when the writing of the files began. */
async function swapSome(world: NodeWorld, pods: number): Promise<readonly number[]> {
  const late: number[] = []
  for (let count = 0; count < swaps; count += 1) {
    const sinceMs = clock.now()
    const fingerprint = await world.swap(count % pods)
    while (!(await shown(world)).includes(fingerprint)) await clock.sleep(5)
    late.push(clock.now() - sinceMs)
    // Each at another moment of the node role's second.
    await clock.sleep(clock.random() * 1000)
  }
  return late.toSorted((one, other) => one - other)
}

/** The fingerprints of the mounted certificates that the cluster role shows. */
async function shown({ clusterRole }: NodeWorld): Promise<readonly string[]> {
  const answer = await fetch(`${clusterRole.url}/api/v1/svids?copy=mounted&limit=1000`).catch(() => undefined)
  if (answer === undefined) return []
  const { items } = (await answer.json()) as { items: readonly { fingerprint: string }[] }
  return items.map(({ fingerprint }) => fingerprint)
}
