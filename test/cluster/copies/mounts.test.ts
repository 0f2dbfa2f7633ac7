import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { breakIssuer, healIssuer, startDriver, stopDriver } from '../support/faults.ts'
import { issuedTruth, restartDriver, setLifetime } from '../support/fleet.ts'
import { emptyAtDriver, isMounted, leafIn, mountOf, unmount } from '../support/mounts.ts'
import { deletePods, restartContainer, seenBy, startPods, type PodPlan, type RunningPod } from '../support/pods.ts'
import { kubectl, sleep, until } from '../support/shell.ts'
import { Svidwatch } from '../support/svidwatch.ts'

const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'
/** The driver gives up after a minute, which is when the host's mounts are taken away. */
const outageSeconds = Number(process.env['SVIDWATCH_TEST_ISSUER_DOWN_SECONDS'] ?? 75)
const namespace = 'svidwatch-mounts'
const settings = `mountedSvids: { kubeletRoot: ${kubeletRoot} }`
/** How long svidwatch may take to name what it can see: to read files again, and to judge. The driver has 10 s to write files. */
const namedSeconds = 20

const plans: readonly PodPlan[] = [
  { name: 'one' },
  { name: 'two' },
  { name: 'with-sidecar', containers: { main: {}, sidecar: {} } },
]

let watch: Svidwatch
let pods: ReadonlyMap<string, RunningPod>

const mountOfPod = (name: string): string => mountOf(pods.get(name)?.uid ?? '')

/**
 * Changes one pod. Without any change, the API server says only about once a minute that there was none, and a pod whose mount has gone
 * may have stopped until it does.
 */
const showPods = () => kubectl('-n', namespace, 'annotate', 'pod', 'two', '--overwrite', `shown=${Date.now()}`)

/** Waits until exactly these pods are named, and says how long that took. */
async function areNamed(code: string, names: readonly string[]): Promise<void> {
  const startMs = Date.now()
  const wanted = [...names].sort()
  let last: readonly string[] = []
  await until(`${code} names ${String(wanted)}`, namedSeconds, async () => {
    await showPods()
    last = await watch.named(code, namespace)
    return String(last) === String(wanted) || undefined
  }).catch((error: unknown) => {
    expect(last, String(error)).toEqual(wanted)
  })
  console.log(`${code} names ${wanted.join(', ') || 'no pod'} after ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
}

/** Waits until the volumes of these pods are mounted on the host, or are not. The kubelet tries again after up to two minutes. */
async function volumesAre(state: 'mounted' | 'unmounted', names: readonly string[]): Promise<void> {
  await until(`${String(names)} ${state}`, 180, async () => {
    const mounted = await Promise.all(names.map((name) => isMounted(mountOfPod(name))))
    return mounted.every((is) => is === (state === 'mounted')) || undefined
  })
}

/** Returns whether a container sees other files than the host does. */
async function isDetached(name: string, container = 'main'): Promise<boolean> {
  const inside = await leafIn(await seenBy(namespace, name, container))
  return inside?.fingerprint !== (await leafIn(mountOfPod(name)))?.fingerprint
}

describe('mounts', () => {
  beforeAll(async () => {
    await healAll()
    await setLifetime('3m')
    watch = await Svidwatch.start('cluster,node', 19877, settings)
  })

  afterEach(healAll)

  afterAll(async () => {
    await deletePods(namespace)
    await watch.stop()
  })

  async function healAll(): Promise<void> {
    await healIssuer()
    await startDriver()
  }

  it('that a restarted driver has left are named mount_stale, each of them', async () => {
    pods = await startPods(namespace, plans)
    await restartDriver()
    await until('an SVID for each pod that is not in its files', 60, async () => {
      const { notAfter } = await issuedTruth()
      const stale = [...pods.values()].map(async ({ uid }) => {
        const mounted = await leafIn(mountOf(uid))
        return mounted !== undefined && (notAfter.get(uid) ?? 0) > mounted.notAfterMs
      })
      return (await Promise.all(stale)).every((is) => is) || undefined
    })
    await areNamed('mount_stale', [...pods.keys()])
    expect(await watch.named('mount_detached', namespace)).toEqual([])
  })

  it(`that came back on the host after an issuer was not Ready for ${outageSeconds} s are named mount_detached, until the containers restart`, async () => {
    pods = await startPods(namespace, plans)
    await breakIssuer()
    const brokenMs = Date.now()
    await restartDriver()
    await volumesAre('unmounted', [...pods.keys()])
    await areNamed('mount_gone', [...pods.keys()])

    await sleep(Math.max(0, brokenMs + outageSeconds * 1000 - Date.now()))
    await healIssuer()
    await volumesAre('mounted', [...pods.keys()])
    await areNamed('mount_detached', [...pods.keys()])
    const { notAfter } = await issuedTruth()
    for (const [name, { uid }] of pods) {
      expect(await isDetached(name), `${name} sees other files than the host`).toBe(true)
      const { notAfterMs = 0 } = (await leafIn(mountOf(uid))) ?? {}
      expect(notAfterMs, `what was issued for ${name} is mounted`).toBe(notAfter.get(uid))
      expect(notAfterMs, `and has not expired`).toBeGreaterThan(Date.now())
    }
    expect(await watch.named('mount_gone', namespace)).toEqual([])
    expect(await watch.named('mount_stale', namespace)).toEqual([])

    await restartContainer(namespace, 'one')
    await restartContainer(namespace, 'with-sidecar')
    expect(await isDetached('one')).toBe(false)
    expect(await isDetached('with-sidecar', 'sidecar')).toBe(true)
    await areNamed('mount_detached', ['two', 'with-sidecar'])
    await restartContainer(namespace, 'with-sidecar', 'sidecar')
    await areNamed('mount_detached', ['two'])
  })

  it('that are gone while the driver is stopped are named mount_gone, and mount_detached when it has started', async () => {
    pods = await startPods(namespace, plans)
    await stopDriver()
    await unmount(mountOfPod('one'))
    await areNamed('mount_gone', ['one'])
    await startDriver()
    await volumesAre('mounted', ['one'])
    await areNamed('mount_detached', ['one'])
    expect(await watch.named('mount_gone', namespace)).toEqual([])
    expect(await isDetached('one')).toBe(true)

    await stopDriver()
    await unmount(mountOfPod('one'))
    await areNamed('mount_gone', ['one'])
    expect(await watch.named('mount_detached', namespace), 'what was last known stays').toEqual(['one'])

    // Another svidwatch has never seen the mount.
    const late = await Svidwatch.start('cluster,node', 19897, settings)
    try {
      await until('one is named by a svidwatch that starts now', namedSeconds, async () => {
        await showPods()
        return String(await late.named('mount_gone', namespace)) === 'one' || undefined
      })
      expect(await late.named('unreadable', namespace)).toEqual([])
    } finally {
      await late.stop()
    }
  })

  it('whose files the driver has lost are named empty_volume, until it has written others', async () => {
    await setLifetime('1m')
    pods = await startPods(namespace, plans)
    await emptyAtDriver(mountOfPod('one'))
    await areNamed('empty_volume', ['one'])
    expect(await watch.named('mount_gone', namespace)).toEqual([])
    expect(await watch.named('unreadable', namespace)).toEqual([])
    await until('the files of a renewal', 60, async () => await leafIn(mountOfPod('one')))
    await areNamed('empty_volume', [])
  })
})
