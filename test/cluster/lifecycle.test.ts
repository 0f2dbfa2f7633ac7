import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { look, secondsLeft, wrongSeries } from './support/comparison.ts'
import { deleteFleet, fleetPods, mountedTruth, restartDriver, startFleet, type FleetPod } from './support/fleet.ts'
import { IssuedObserver } from './support/issuedObserver.ts'
import { hook, kubectl, sh, sleep, until } from './support/shell.ts'
import { samplesIn, Svidwatch } from './support/svidwatch.ts'

const minutes = Number(process.env.SVIDWATCH_TEST_MINUTES ?? 4)
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
  await until('all renewals counted', 60, async () => (await attested()) === issued.count || undefined)
}

beforeAll(async () => {
  await kubectl('-n', 'default', 'delete', 'configmap', 'svidwatch-test', '--ignore-not-found')
  await startFleet('3m')
  const pods = await fleetPods()
  running = pods.filter((pod) => !pod.ended)
  ended = pods.find((pod) => pod.ended)
  issued = await IssuedObserver.start()
  watch = await start()
  expect(issued.count, 'nothing was issued while svidwatch started').toBe(0)
})

afterAll(async () => {
  await issued.stop()
  await watch.stop()
  await deleteFleet()
})

describe('over renewals of certificates of 3 minutes', () => {
  it(`shows what openssl reads, for ${minutes} minutes, and opens no private key`, async () => {
    const trace = `/tmp/svidwatch-openat-${process.pid}.txt`
    const strace = ['strace', '-D', '-f', '-q', '-e', 'trace=openat', '-o', trace]
    const node = await Svidwatch.start('node', 19807, settings.replace(checkpoint, ''), strace)
    const endMs = Date.now() + minutes * 60_000
    let compared = 0
    while (Date.now() < endMs) {
      const seen = await look(watch, kubeletRoot, running)
      if (seen) expect(wrongSeries(seen, running)).toEqual([])
      if (seen) compared += running.length * 2
      expect(
        samplesIn(seen?.text ?? '', 'spire_svid_expiry_seconds').filter(({ labels }) => labels.pod === ended?.name),
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

  it('has counted each of them once', async () => {
    await allRenewalsCounted()
  })

  it('answers a scrape that promtool accepts, but for the one name that the runbook chose', async () => {
    const file = `/tmp/svidwatch-exposition-${process.pid}.txt`
    await writeFile(file, await watch.scrape())
    const findings = await sh('bash', '-c', `promtool check metrics < ${file} 2>&1 || true`)
    expect(findings.replace(/^spire_agent_svid_count .*"_count" suffix.*\n?/m, '')).toBe('')
  })
})

describe('without the API server', () => {
  it.skipIf(!process.env.SVIDWATCH_TEST_STOP_API_SERVER)(
    `keeps every series for ${outageSeconds} s, says that it is blind, and recounts nothing`,
    async () => {
      const series = async () =>
        (await watch.samples('spire_svid_expiry_seconds')).map(({ labels }) => Object.values(labels).join(' ')).sort()
      const before = { series: await series(), attested: await attested() }
      await hook('STOP_API_SERVER')
      try {
        await until(
          'blindness',
          20,
          async () => (await watch.sum('svidwatch_source_up', { source: 'pods' })) === 0 || undefined,
        )
        await sleep(outageSeconds * 1000)
        expect(await watch.sum('svidwatch_source_up', { source: 'certificateRequests' })).toBe(0)
        expect(await watch.sum('svidwatch_source_up', { source: 'mountedSvids' })).toBe(1)
        expect(await series()).toEqual(before.series)
        expect(await attested()).toBe(before.attested)
      } finally {
        await hook('START_API_SERVER')
      }
      await until('sight of every source', 90, async () => {
        const sources = await watch.samples('svidwatch_source_up')
        return (sources.length > 0 && sources.every(({ value }) => value === 1)) || undefined
      })
      expect(await series()).toEqual(before.series)
      await allRenewalsCounted()
    },
  )
})

describe('a restart', () => {
  it('loses no count and adds none, whether it is killed or asked to stop', async () => {
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
  // Where it gets no certificate within a minute, it unmounts the volume on the host, and mounts it again when it has one.
  it('leaves stale mounts, which show as issued != mounted', async () => {
    const before = await mountedTruth(kubeletRoot, running)
    await restartDriver()
    const isStale = (uid: string, now: ReadonlyMap<string, number>) => now.has(uid) && now.get(uid) === before.get(uid)
    const drifted = async () => new Set((await watch.samples('spiffe_svid_drift')).map(({ labels }) => labels.pod))
    const { seen, stale } = await until('drift of every pod that keeps its files', 300, async () => {
      const names = await drifted()
      const seen = await look(watch, kubeletRoot, running)
      const stale = running.filter(({ uid }) => seen && isStale(uid, seen.mounted))
      return seen && stale.length > 0 && stale.every(({ name }) => names.has(name)) ? { seen, stale } : undefined
    })
    for (const pod of stale) {
      const mounted = secondsLeft(seen, pod, 'mounted')
      const fresh = secondsLeft(seen, pod, 'issued')
      expect(Math.abs((mounted.shown[0] ?? NaN) - mounted.truth)).toBeLessThan(1)
      expect(fresh.shown[0]).toBeGreaterThan(mounted.shown[0] ?? NaN)
    }
  })
})
