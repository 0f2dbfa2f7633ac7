import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rotateCa } from '../support/faults.ts'
import { setLifetime } from '../support/fleet.ts'
import { mountOf, verifies } from '../support/mounts.ts'
import { addPods, deletePods, startPods, type RunningPod } from '../support/pods.ts'
import { hook, until } from '../support/shell.ts'
import { Svidwatch } from '../support/svidwatch.ts'

const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'
const namespace = 'svidwatch-trust'
const canStopTrustManager = Boolean(process.env['SVIDWATCH_TEST_STOP_TRUST_MANAGER'])
/** How long after the first pair that does not verify svidwatch may be silent. */
const toldSeconds = 60

let watch: Svidwatch
let pods: ReadonlyMap<string, RunningPod>

/** Returns the names of the pods whose SVID openssl does not verify with the bundle in its volume, sorted. */
async function broken(): Promise<readonly string[]> {
  const judged = await Promise.all(
    [...pods.values()].map(async ({ name, uid }) => ({ name, isOk: await verifies(mountOf(uid)) })),
  )
  return judged
    .filter(({ isOk }) => isOk === false)
    .map(({ name }) => name)
    .sort()
}

const refused = () => watch.named('peer_refuses', namespace)

/** Waits for a pair that does not verify, and until exactly the pods that have one are named. */
async function isTold(): Promise<void> {
  await until('a pair that does not verify', 180, async () => (await broken()).length > 0 || undefined)
  const firstMs = Date.now()
  await until('a name for whom peers refuse', toldSeconds, async () => (await refused()).length > 0 || undefined)
  const seconds = (Date.now() - firstMs) / 1000
  console.log(`told ${seconds.toFixed(1)} s after the first pair that does not verify`)
  expect(seconds).toBeLessThan(toldSeconds)
  await until('exactly the names of those whom peers refuse', 20, async () =>
    String(await refused()) === String(await broken()) ? true : undefined,
  )
}

/** Waits until all pairs verify, which takes a renewal at most, and until nobody is named. */
async function isOver(): Promise<void> {
  await until('trust', 180, async () => (await broken()).length === 0 || undefined)
  const trustedMs = Date.now()
  await until('no names', 20, async () => (await refused()).length === 0 || undefined)
  console.log(`ended ${((Date.now() - trustedMs) / 1000).toFixed(1)} s after all pairs verify`)
}

describe('a CA that is rotated by deleting its Secret', () => {
  beforeAll(async () => {
    await setLifetime('90s')
    watch = await Svidwatch.start('cluster,node', 19887, `mountedSvids: { kubeletRoot: ${kubeletRoot} }`)
  })

  afterAll(async () => {
    await deletePods(namespace)
    await watch.stop()
  })

  it('while trust-manager distributes the new one: the SVIDs that it has not signed are told, until they are renewed', async () => {
    pods = await startPods(namespace, [{ name: 'one' }, { name: 'two' }])
    await rotateCa()
    await isTold()
    expect(await refused()).toEqual(['one', 'two'])
    await isOver()
  })

  it.skipIf(!canStopTrustManager)(
    'while trust-manager is stopped: the SVIDs that it has signed are told, until trust-manager is back',
    async () => {
      pods = await startPods(namespace, [{ name: 'one' }, { name: 'two' }])
      await hook('STOP_TRUST_MANAGER')
      try {
        await rotateCa()
        pods = await addPods(namespace, [{ name: 'new' }])
        await isTold()
        await until('the names of all pods, once they are renewed', 120, async () =>
          String(await refused()) === 'new,one,two' ? true : undefined,
        )
      } finally {
        await hook('START_TRUST_MANAGER')
      }
      await isOver()
    },
  )
})
