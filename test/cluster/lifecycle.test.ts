import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeSnapshot, secondsLeft, wrongSeries } from './support/comparison.ts'
import { deleteFleet, fleetPods, mountedTruth, restartDriver, startFleet, type FleetPod } from './support/fleet.ts'
import { IssuedObserver } from './support/issuedObserver.ts'
import { hook, kubectl, sh, sleep, until } from './support/shell.ts'
import { samplesIn, Svidwatch } from './support/svidwatch.ts'

const minutes = Number(process.env.SVIDWATCH_TEST_MINUTES ?? 2)
const outageSeconds = Number(process.env.SVIDWATCH_TEST_OUTAGE_SECONDS ?? 30)
const kubeletRoot = process.env.SVIDWATCH_TEST_KUBELET_ROOT ?? '/var/lib/kubelet'
const checkpoint = 'checkpoint: { configMap: default/svidwatch-test, interval: 1s }'
const settings = `mountedSvids: { kubeletRoot: ${kubeletRoot} }\n${checkpoint}`
const lookEverySeconds = 5

let watch: Svidwatch
let running: readonly FleetPod[]
let ended: FleetPod | undefined
let issued: IssuedObserver

const start = () => Svidwatch.start('cluster,node', 19797, settings)
const attested = () => watch.sum('spire_attestation_success_total')

async function allRenewalsCounted(): Promise<void> {
  await until('all renewals counted', 60, async () => (await attested()) === issued.count || undefined).catch(
    async (error: unknown) => {
      throw new Error(`${String(error)}: ${await attested()} of ${issued.count}`)
    },
  )
}

beforeAll(async () => {
  await kubectl('-n', 'default', 'delete', 'configmap', 'svidwatch-test', '--ignore-not-found')
  await startFleet('1m')
  const pods = await fleetPods()
  running = pods.filter((pod) => !pod.ended)
  ended = pods.find((pod) => pod.ended)
  issued = await IssuedObserver.start()
  watch = await start()
  await issued.countAs(attested)
})

afterAll(async () => {
  await issued.stop()
  await watch.stop()
  await deleteFleet()
})

describe('while certificates of a minute are renewed', () => {
  it(`svidwatch shows what openssl reads, for ${minutes} minutes, and opens no private key`, async () => {
    const trace = `/tmp/svidwatch-openat-${process.pid}.txt`
    const strace = ['strace', '-D', '-f', '-q', '-e', 'trace=openat', '-o', trace]
    const node = await Svidwatch.start('node', 19807, settings.replace(checkpoint, ''), strace)
    const endMs = Date.now() + minutes * 60_000
    let compared = 0
    while (Date.now() < endMs) {
      const snapshot = await takeSnapshot(watch, kubeletRoot, running)
      if (snapshot) expect(wrongSeries(snapshot, running)).toEqual([])
      if (snapshot) compared += running.length * 2
      expect(
        samplesIn(snapshot?.text ?? '', 'spire_svid_expiry_seconds').filter(({ labels }) => labels.pod === ended?.name),
      ).toEqual([])
      await sleep(lookEverySeconds * 1000)
    }
    await node.stop()
    const opened = await until('the end of the trace', 10, async () => {
      const text = await readFile(trace, 'utf8')
      return text.includes('+++ exited') ? text : undefined
    })
    const certificates = opened.match(/mount\/[^"]*tls\.crt"/g)?.length ?? 0
    console.log(`${compared} comparisons, ${issued.count} renewals, ${certificates} opens of tls.crt`)
    expect(compared).toBeGreaterThan(running.length * 2)
    expect(issued.count).toBeGreaterThanOrEqual(running.length)
    expect(certificates).toBeGreaterThanOrEqual(running.length * 2)
    expect(opened).not.toContain('tls.key')
  })

  it('each renewal is counted once', async () => {
    await allRenewalsCounted()
  })

  it('promtool accepts a scrape, except for one name that the runbook requires', async () => {
    const file = `/tmp/svidwatch-exposition-${process.pid}.txt`
    await writeFile(file, await watch.scrape())
    const findings = await sh('bash', '-c', `promtool check metrics < ${file} 2>&1 || true`)
    expect(findings.replace(/^spire_agent_svid_count .*"_count" suffix.*\n?/m, '')).toBe('')
  })
})

describe('without the API server', () => {
  it.skipIf(!process.env.SVIDWATCH_TEST_STOP_API_SERVER)(
    `svidwatch keeps every series for ${outageSeconds} s, reports its sources as down, and counts nothing twice`,
    async () => {
      const series = async () =>
        (await watch.samples('spire_svid_expiry_seconds')).map(({ labels }) => Object.values(labels).join(' ')).sort()
      const seen = await series()
      await hook('STOP_API_SERVER')
      try {
        await until(
          'blindness',
          60,
          async () => (await watch.sum('svidwatch_source_up', { source: 'pods' })) === 0 || undefined,
        )
        const atBegin = await attested()
        await sleep(outageSeconds * 1000)
        expect(await watch.sum('svidwatch_source_up', { source: 'certificateRequests' })).toBe(0)
        expect(await watch.sum('svidwatch_source_up', { source: 'mountedSvids' })).toBe(1)
        expect(await series()).toEqual(seen)
        expect(await attested()).toBe(atBegin)
      } finally {
        await hook('START_API_SERVER')
      }
      await until('sight of every source', 90, async () => {
        const sources = await watch.samples('svidwatch_source_up')
        return (sources.length > 0 && sources.every(({ value }) => value === 1)) || undefined
      })
      expect(await series()).toEqual(seen)
      await allRenewalsCounted()
    },
  )
})

describe('a restart', () => {
  it('neither loses nor adds counts, whether svidwatch is killed or stopped', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = await attested()
      const tookMs = await watch.stop(signal)
      expect(tookMs).toBeLessThan(5000)
      watch = await start()
      expect(await attested()).toBeGreaterThanOrEqual(before)
      await allRenewalsCounted()
    }
  })
})

describe('a restarted driver', () => {
  // A restarted driver that gets no certificate within a minute unmounts the volume on the host, and mounts a fresh one when it has one.
  it('leaves stale mounts, which are shown as drift', async () => {
    const { count } = issued
    await until('a renewal, now that the driver reaches the API server again', 180, () =>
      Promise.resolve(issued.count > count || undefined),
    )
    const before = await mountedTruth(kubeletRoot, running)
    await restartDriver()
    const isStale = (uid: string, now: ReadonlyMap<string, number>) => now.has(uid) && now.get(uid) === before.get(uid)
    const drifted = async () => new Set((await watch.samples('spiffe_svid_drift')).map(({ labels }) => labels.pod))
    const { snapshot, stale } = await until('drift of every pod whose files are stale', 300, async () => {
      const names = await drifted()
      const snapshot = await takeSnapshot(watch, kubeletRoot, running)
      const stale = running.filter(({ uid }) => snapshot && isStale(uid, snapshot.mounted))
      return snapshot && stale.length > 0 && stale.every(({ name }) => names.has(name))
        ? { snapshot, stale }
        : undefined
    })
    for (const pod of stale) {
      const mounted = secondsLeft(snapshot, pod, 'mounted')
      const issuedCopy = secondsLeft(snapshot, pod, 'issued')
      expect(Math.abs((mounted.reported[0] ?? NaN) - mounted.truth)).toBeLessThan(1)
      expect(issuedCopy.reported[0]).toBeGreaterThan(mounted.reported[0] ?? NaN)
    }
  })
})
