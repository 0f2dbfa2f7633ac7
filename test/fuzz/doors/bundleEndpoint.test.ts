import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { bundleFromJson } from '../../../src/identity/bundleDocument.ts'
import { createBundlePki, bundleOf } from '../../support/bundlePki.ts'
import { httpsServer } from '../../support/bundleServers.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { metricsOf, values } from '../../support/runningApp.ts'
import { assertExposition, tally } from '../support/expositionText.ts'
import { runs, sample } from '../support/fuzz.ts'
import { healthySeries, healthyWorkloads, until } from '../support/healthyWorkloads.ts'
import { jsonTexts } from '../support/json.ts'
import { bundleDocuments } from '../support/recorded.ts'

/** Each costs a TLS connection. */
const documents = sample(jsonTexts(bundleDocuments), runs / 50).map((text) => Buffer.from(text).toString())

/** The longest that an endpoint may ask to be left alone. */
const longestIntervalMs = 3_600_000

/** How long an attempt may take. */
const attemptMs = 10_000

/** A time that passes between attempts, and not while one waits for real sockets. */
class ClockBetweenAttempts extends ManualClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms === attemptMs ? Infinity : ms, signal)
  }
}

/** What becomes of each document: `bundle`, or why it is none. An older one than the last good one is none either. */
function outcomes(): readonly string[] {
  let last: bigint | undefined
  return documents.map((text) => {
    const read = bundleFromJson(text)
    if ('problem' in read) return read.problem
    const { sequence } = read.bundle
    if (sequence !== undefined && last !== undefined && sequence < last) return 'sequence_regressed'
    last = sequence
    return 'bundle'
  })
}

test('malformed bundles cost the healthy endpoint and workloads nothing, and each that is refused is counted', async () => {
  const { kubelet, start } = await healthyWorkloads()
  const pki = await createBundlePki()
  const leaf = await pki.webLeaf()
  const authorities = join(kubelet.root, 'authorities.pem')
  await writeFile(authorities, pki.web.certificatePem)
  const good = await httpsServer(leaf, (_request, response) => response.end(bundleOf([pki.web])))
  // When all documents have been served, it says nothing more.
  const left = [...documents]
  const hostile = await httpsServer(leaf, (_request, response) => {
    const document = left.shift()
    if (document !== undefined) response.end(document)
  })
  const endpoint = (trustDomain: string, url: string) =>
    ({ trustDomain, url, profile: 'https_web', certificateAuthorities: authorities }) as const
  const bundleEndpoints = [endpoint('good.example', good.url), endpoint('hostile.example', hostile.url)]
  const clock = new ClockBetweenAttempts()
  const app = await start({ bundleEndpoints }, ['cluster'], clock)
  const healthy = healthySeries(await metricsOf(app))

  const isHostile = 'trust_domain="hostile.example"'
  const failures = (text: string, ...labels: string[]) =>
    values(text, 'spiffe_bundle_fetch_failures_total', isHostile, ...labels).reduce((sum, value) => sum + value, 0)
  const concluded = (text: string) => failures(text) + (values(text, 'spiffe_bundle_fetches_total', isHostile)[0] ?? 0)
  await until(async () => {
    await clock.advance(longestIntervalMs)
    assert.equal(concluded(await metricsOf(app)), documents.length)
  })
  const text = await metricsOf(app)
  const { bundle = 0, ...expected } = tally(outcomes())
  for (const [reason, count] of Object.entries(expected))
    assert.equal(failures(text, `reason="${reason}"`), count, reason)
  assert.equal(failures(text), documents.length - bundle)
  assertExposition(text)
  assert.deepEqual(healthySeries(text), healthy)
  assert.deepEqual(values(text, 'spiffe_bundle_up', 'trust_domain="good.example"'), [1])
})
