import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { startFederation } from '../../../src/world/federation.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { createBundleEndpoints } from '../../../src/sources/bundleEndpoints/bundleEndpoints.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { realFiles } from '../../support/realFiles.ts'

const wait = { timeout: 20_000 }

/** The other trust domains of the demo, and what svidwatch reports about them, newest last. TLS uses the real time. */
async function watchedFederation() {
  const root = await mkdtemp(join(tmpdir(), 'federation-test-'))
  const clock = new ManualClock(systemClock.now())
  clock.randomValue = 0
  const federation = await startFederation({ clock, folder: join(root, 'federation') })
  const resolved = resolveConfig(JSON.stringify({ bundleEndpoints: federation.settings }), 'settings')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const endpoints = resolved.config.bundleEndpoints
  const source = createBundleEndpoints({ clock, files: realFiles, endpoints, remembered: () => undefined })
  const seen: Observation[] = []
  const stopped = new AbortController()
  source.start((observation) => seen.push(observation), stopped.signal)
  onTestFinished(async () => {
    stopped.abort()
    await source.close()
    await federation.close()
    await rm(root, { recursive: true })
  })
  const allOf = (trustDomain: string) => seen.filter((one) => 'trustDomain' in one && one.trustDomain === trustDomain)
  await vi.waitFor(() => expect(seen.at(-1)).toMatchObject({ kind: 'contact' }), wait)
  return {
    clock,
    endpoints,
    newestOf: (trustDomain: string) => allOf(trustDomain).at(-1),
    /** Advances the clock to the next attempt, and waits in real time for its outcome over TLS. */
    nextOf: async (trustDomain: string, intervalMs: number) => {
      const before = allOf(trustDomain).length
      await clock.advance(intervalMs)
      await vi.waitFor(() => expect(allOf(trustDomain).length).toBeGreaterThan(before), wait)
      return allOf(trustDomain).at(-1)
    },
  }
}

/** Fetches from an endpoint without verifying its certificate. */
async function servedBy(url: string): Promise<string> {
  const asking = request(url, { rejectUnauthorized: false }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return text(answer)
}

test('one partner gives a bundle, with a new authority and a higher sequence each minute', async () => {
  const { newestOf, nextOf } = await watchedFederation()
  const bundle = () => {
    const newest = newestOf('partner.example')
    if (newest?.kind !== 'bundle') throw new Error(`no bundle, but ${newest?.kind ?? 'nothing'}`)
    return newest.bundle
  }
  const [first] = bundle().x509Authorities
  expect(bundle().sequence).toBe(1n)
  expect(bundle().jwtAuthorities).toHaveLength(1)

  const laterOnes = async () => {
    await nextOf('partner.example', 30_000)
    expect(bundle().x509Authorities).not.toContainEqual(first)
  }
  await vi.waitFor(laterOnes, { ...wait, interval: 1 })
  expect(bundle().x509Authorities).toHaveLength(2)
  expect(bundle().sequence).toBeGreaterThanOrEqual(3n)
}, 60_000)

test('the other one is stuck until somebody replaces the bundle to begin with', async () => {
  const { endpoints, newestOf, nextOf } = await watchedFederation()
  const trouble = { kind: 'bundleTrouble', reason: 'tls_untrusted' }
  expect(newestOf('supplier.example')).toMatchObject(trouble)

  const stuck = endpoints.find(({ trustDomain }) => trustDomain === 'supplier.example')
  await writeFile(stuck?.bootstrapBundle ?? '', await servedBy(stuck?.url ?? ''))
  expect(await nextOf('supplier.example', 300_000)).toMatchObject({ kind: 'bundle', bundle: { sequence: 2n } })
}, 60_000)
