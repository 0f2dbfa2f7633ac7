import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setLifetime } from '../support/fleet.ts'
import { leafIn, mountOf, writtenMs } from '../support/mounts.ts'
import { deletePods, restartContainer, startPods, type RunningPod } from '../support/pods.ts'
import { sleep, until } from '../support/shell.ts'
import { Svidwatch } from '../support/svidwatch.ts'
import { podOf, serversThat } from './support/tlsServers.ts'

const image = process.env['SVIDWATCH_TEST_SVIDWATCH_IMAGE'] ?? ''
const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'
const renewals = Number(process.env['SVIDWATCH_TEST_RELOADS'] ?? 3)
const namespace = 'svidwatch-served'
/** How long a server may take to reload, and the time between two probes of it. */
const [graceSeconds, intervalSeconds] = [10, 10]
const settings = `
mountedSvids: { kubeletRoot: ${kubeletRoot} }
servedSvids: { interval: ${intervalSeconds}s, reloadWithin: ${graceSeconds}s }
`
/** The driver renews at two thirds of the lifetime. */
const renewalSeconds = 40
/** How long svidwatch may take to judge what it knows, also on a busy machine. With it, it must name a server before the next renewal. */
const judgedSeconds = 15

const neverReload = serversThat('never-reload')
const reload = serversThat('reload')

let watch: Svidwatch
let pods: ReadonlyMap<string, RunningPod>

/** Returns the ends of the SVIDs that the pods serve, as svidwatch has read them, by the names of the pods. */
async function served(): Promise<ReadonlyMap<string, number>> {
  const samples = await watch.samples('spiffe_svid_not_after_timestamp_seconds')
  const ofServers = samples.filter(({ labels }) => labels['namespace'] === namespace && labels['copy'] === 'served')
  return new Map(ofServers.map(({ labels, value }) => [labels['pod'] ?? '', value * 1000] as const))
}

const mountOfPod = (name: string): string => mountOf(pods.get(name)?.uid ?? '')

describe.skipIf(image === '')('TLS servers in pods, with SVIDs of a minute', () => {
  beforeAll(async () => {
    await setLifetime('1m')
    const plans = [...neverReload, ...reload].map(([name, server]) => podOf(name, server, image))
    pods = await startPods(namespace, plans)
    watch = await Svidwatch.start('cluster,node', 19867, settings)
  })

  afterAll(async () => {
    await deletePods(namespace)
    await watch.stop()
  })

  it('are all read, also those that demand a client certificate', async () => {
    await until('the SVID of each server', 2 * intervalSeconds + judgedSeconds, async () => {
      const read = await served()
      return [...pods.keys()].every((name) => read.has(name)) || undefined
    })
    for (const [name, notAfterMs] of await served())
      expect((await leafIn(mountOfPod(name)))?.notAfterMs, name).toBe(notAfterMs)
  })

  it(
    `are named within the grace and a probe of the renewal if they never reload, and not in ${renewals} renewals if they do`,
    async () => {
      const startedMs = new Map<string, number>()
      for (const name of pods.keys()) startedMs.set(name, await writtenMs(mountOfPod(name)))
      const renewedMs = new Map<string, number>()
      const namedMs = new Map<string, number>()
      const ends = new Map<string, Set<number>>([...reload.keys()].map((name) => [name, new Set()]))
      const limitSeconds = graceSeconds + intervalSeconds + judgedSeconds

      const isOver = () => [...ends.values()].every(({ size }) => size > renewals) && namedMs.size >= neverReload.size
      const endMs = Date.now() + (renewals + 1) * renewalSeconds * 1000 + limitSeconds * 1000
      while (!isOver() && Date.now() < endMs) {
        for (const name of pods.keys()) {
          const atMs = await writtenMs(mountOfPod(name)).catch(() => undefined)
          if (atMs !== undefined && atMs !== startedMs.get(name) && !renewedMs.has(name)) renewedMs.set(name, atMs)
        }
        for (const name of await watch.named('not_reloaded', namespace))
          if (!namedMs.has(name)) namedMs.set(name, Date.now())
        for (const [name, notAfterMs] of await served()) ends.get(name)?.add(notAfterMs)
        await sleep(500)
      }

      for (const name of neverReload.keys()) {
        const seconds = ((namedMs.get(name) ?? NaN) - (renewedMs.get(name) ?? NaN)) / 1000
        console.log(`${name}: named ${seconds.toFixed(1)} s after the renewal`)
        expect(seconds, name).toBeLessThan(limitSeconds)
        expect(seconds, name).toBeGreaterThanOrEqual(graceSeconds)
      }
      expect([...namedMs.keys()].sort()).toEqual([...neverReload.keys()].sort())
      for (const [name, { size }] of ends) expect(size, `SVIDs that ${name} has served`).toBeGreaterThan(renewals)
    },
    (renewals + 3) * 60_000,
  )

  it('are no longer named once they have started again', async () => {
    for (const name of neverReload.keys()) await restartContainer(namespace, name)
    await until('no server is named', 2 * intervalSeconds + judgedSeconds, async () =>
      (await watch.named('not_reloaded', namespace)).length === 0 ? true : undefined,
    )
  })
})
