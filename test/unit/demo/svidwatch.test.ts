import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { startSvidwatch } from '../../../src/demo/svidwatch.ts'
import { startWorld } from '../../../src/world/world.ts'
import { createLog } from '../../../src/log/log.ts'
import { startCollector } from '../../support/collector.ts'
import { familiesIn, samplesOf } from '../../support/exposition.ts'

/** Runs the demo in real time, because TLS uses the real time. Certificates live for 15 s, so that much happens soon. */
async function demonstration(otlp?: string): Promise<{ readonly metrics: () => Promise<string> }> {
  const root = await mkdtemp(join(tmpdir(), 'demo-test-'))
  const world = await startWorld({ clock: systemClock, root, lifetimeMs: 15_000 })
  const clock = systemClock
  const log = createLog({ level: 'error', format: 'json', clock, destination: { write: () => undefined } })
  const app = await startSvidwatch(world, { clock, log, version: '1.2.3', port: 0, probePort: 0, otlp })
  onTestFinished(async () => {
    await app.close()
    await world.close()
    expect(await readdir(root)).toEqual([])
    await rm(root, { recursive: true })
  })
  return { metrics: async () => (await fetch(`${app.url}/metrics`)).text() }
}

test('every family of the runbook has series', async () => {
  const { metrics } = await demonstration()
  await vi.waitFor(
    async () => {
      const text = await metrics()
      const ofRunbook = familiesIn(text).filter((family) => family.startsWith('spire_'))
      expect(ofRunbook).toHaveLength(8)
      expect(ofRunbook.filter((family) => samplesOf(text, family)?.length === 0)).toEqual([])
    },
    { timeout: 40_000 },
  )
}, 60_000)

test('what the introduction promises of nodes, pods and partners is there', async () => {
  const { metrics } = await demonstration()
  await vi.waitFor(
    async () =>
      expect((await metrics()).split('\n')).toEqual(
        expect.arrayContaining([
          'svidwatch_node_up{node="node-1"} 1',
          'svidwatch_node_up{node="node-2"} 1',
          'spire_agent_up{node="node-1",agent="csi-driver-spiffe"} 1',
          'spire_agent_up{node="node-2",agent="csi-driver-spiffe"} 1',
          'spire_agent_up{node="node-3",agent="csi-driver-spiffe"} 0',
          'spiffe_workloads{namespace="legacy",state="none"} 1',
          'spiffe_workloads{namespace="payments",state="expired"} 2',
          'spiffe_workloads{namespace="platform",state="pending"} 2',
          'spiffe_workloads{namespace="shop",state="valid"} 4',
          'spiffe_posture_pods{namespace="platform",finding="host_pid"} 1',
          'spiffe_bundle_up{trust_domain="partner.example"} 1',
          'spiffe_bundle_up{trust_domain="supplier.example"} 0',
          'spiffe_bundle_fetch_failures_total{trust_domain="supplier.example",reason="tls_untrusted"} 1',
        ]),
      ),
    { timeout: 40_000 },
  )
}, 60_000)

test('what the introduction promises of copies that differ is named, and nothing of healthy servers', async () => {
  const { metrics } = await demonstration()
  const causes = async () =>
    Array.from(
      (await metrics()).matchAll(/^spiffe_svid_drift\{.*pod="([a-z]+(?:-[a-z]+)?)-.*cause="(\w+)"\} 1$/gm),
      ([, pod, cause]) => [pod, cause],
    ).toSorted()
  await vi.waitFor(
    async () =>
      expect(await causes()).toEqual([
        ['fraud-check', 'mount_stale'],
        ['gateway', 'not_reloaded'],
        ['search-indexer', 'sub_path'],
        ['telemetry', 'mount_detached'],
      ]),
    { timeout: 40_000 },
  )
}, 60_000)

test('its traces arrive at a collector, with those of renewals that reach their files and of denials', async () => {
  const collector = await startCollector()
  await demonstration(collector.url)
  const names = () => new Set(collector.spans().map(({ name }) => name))
  const results = () =>
    collector.spans().flatMap(({ attributes }) => attributes.filter(({ key }) => key === 'svidwatch.result'))
  await vi.waitFor(
    () => {
      expect(names()).toContain('svid.mount')
      expect(results()).toContainEqual({ key: 'svidwatch.result', value: { stringValue: 'denied' } })
    },
    { timeout: 40_000 },
  )
}, 60_000)
