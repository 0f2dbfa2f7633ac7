import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  deleteFleet,
  fleetPods,
  issuedTruth,
  mountedTruth,
  restartDriver,
  startFleet,
  type FleetPod,
} from './support/fleet.ts'
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
/** The uids of all requests that were ever seen issued, and how many of them before svidwatch first started. */
const issued = new Set<string>()
let history = 0
const finished = new AbortController()
let observing: Promise<void>

const start = () => Svidwatch.start('cluster,node', 19797, settings)
const attested = () => watch.sum('spire_attestation_success_total')

/** Sees every request: they live for 2 minutes. While the API server is gone, none is made. */
async function observeIssued(): Promise<void> {
  while (!finished.signal.aborted) {
    const { uids } = await issuedTruth().catch(() => ({ uids: [] }))
    uids.forEach((uid) => issued.add(uid))
    await sleep(3000)
  }
}

async function allRenewalsCounted(): Promise<void> {
  await until('all renewals counted', 60, async () => (await attested()) === issued.size - history || undefined)
}

/** The truth as of now, or undefined where it changed while svidwatch was asked. */
async function look() {
  const before = [await mountedTruth(kubeletRoot, running), await issuedTruth()] as const
  const text = await watch.scrape()
  const atMs = Date.now()
  const after = [await mountedTruth(kubeletRoot, running), await issuedTruth()] as const
  const same =
    JSON.stringify([...before[0], ...before[1].notAfter]) === JSON.stringify([...after[0], ...after[1].notAfter])
  return same ? { text, atMs, mounted: after[0], issued: after[1].notAfter } : undefined
}

/** Seconds left of a pod's copy, by what is true and by what svidwatch says. */
function secondsLeft(
  { text, atMs }: { text: string; atMs: number },
  pod: FleetPod,
  source: string,
  truth: ReadonlyMap<string, number>,
) {
  const shown = samplesIn(text, 'spire_svid_expiry_seconds').filter(
    ({ labels }) => labels.pod === pod.name && labels.namespace === pod.namespace && labels.source === source,
  )
  return { shown: shown.map(({ value }) => value), truth: ((truth.get(pod.uid) ?? NaN) - atMs) / 1000 }
}

beforeAll(async () => {
  await kubectl('-n', 'default', 'delete', 'configmap', 'svidwatch-test', '--ignore-not-found')
  await startFleet()
  const pods = await fleetPods()
  running = pods.filter((pod) => !pod.ended)
  ended = pods.find((pod) => pod.ended)
  ;(await issuedTruth()).uids.forEach((uid) => issued.add(uid))
  history = issued.size
  watch = await start()
  expect((await issuedTruth()).uids, 'nothing was issued while svidwatch started').toHaveLength(history)
  observing = observeIssued()
})

afterAll(async () => {
  finished.abort()
  await observing
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
      const seen = await look()
      for (const pod of seen ? running : [])
        for (const [source, truth] of [
          ['mounted', seen?.mounted],
          ['issued', seen?.issued],
        ] as const) {
          if (!seen || !truth) continue
          const left = secondsLeft(seen, pod, source, truth)
          expect(left.shown, `${source} ${pod.name}`).toHaveLength(1)
          expect(Math.abs((left.shown[0] ?? NaN) - left.truth), `${source} ${pod.name}`).toBeLessThan(1)
          compared += 1
        }
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
    console.log(`${compared} comparisons, ${issued.size - history} renewals, ${certificates} opens of tls.crt`)
    expect(compared).toBeGreaterThan(running.length * 2)
    expect(issued.size - history).toBeGreaterThanOrEqual(running.length)
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
      await until('sight', 90, async () => (await watch.sum('svidwatch_source_up')) === 3 || undefined)
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
      const seen = await look()
      const stale = running.filter(({ uid }) => seen && isStale(uid, seen.mounted))
      return seen && stale.length > 0 && stale.every(({ name }) => names.has(name)) ? { seen, stale } : undefined
    })
    for (const pod of stale) {
      const mounted = secondsLeft(seen, pod, 'mounted', seen.mounted)
      const fresh = secondsLeft(seen, pod, 'issued', seen.issued)
      expect(Math.abs((mounted.shown[0] ?? NaN) - mounted.truth)).toBeLessThan(1)
      expect(fresh.shown[0]).toBeGreaterThan(mounted.shown[0] ?? NaN)
    }
  })
})
