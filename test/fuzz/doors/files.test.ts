import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'vitest'
import { spiffeDriver } from '../../../src/config/spiffeDriver.ts'
import { trustFromPem } from '../../../src/identity/trustBundle.ts'
import { svidFromPem } from '../../../src/identity/x509Svid.ts'
import { driverFromVolumeData } from '../../../src/sources/mountedSvids/volumeData.ts'
import { metricsOf } from '../../support/runningApp.ts'
import { derTexts, pemOf } from '../support/certificates.ts'
import { assertExposition, refusals, tally } from '../support/expositionText.ts'
import { runs, sample } from '../support/fuzz.ts'
import { healthySeries, healthyWorkloads, until } from '../support/healthyWorkloads.ts'
import { jsonTexts } from '../support/json.ts'
import { mutated } from '../support/mutate.ts'
import { bundlePems, certificateDers, certificatePems, recordedJson } from '../support/recorded.ts'
import { textMutation } from '../support/text.ts'

/** Volumes with malformed files: together with the healthy ones, no more than a node may have. */
const count = Math.min(900, Math.ceil(runs / 20))

const volumes = fc.record({
  certificate: fc.oneof(
    mutated(certificatePems, textMutation),
    derTexts(certificateDers).map((der) => pemOf('CERTIFICATE', der)),
  ),
  bundle: mutated(bundlePems, textMutation),
  volumeData: fc.oneof(
    { weight: 3, arbitrary: fc.constant(JSON.stringify({ driverName: spiffeDriver.name })) },
    { weight: 1, arbitrary: jsonTexts([recordedJson('csi/vol_data.json')]) },
  ),
})
type Volume = typeof volumes extends fc.Arbitrary<infer One> ? One : never

/** As they are read: what is no UTF-8 is replaced. */
const readBack = (text: string) => Buffer.from(text).toString()

/** The reasons under which the files of a volume have to be refused. */
function refusedOf({ certificate, bundle, volumeData }: Volume): readonly string[] {
  const driver = driverFromVolumeData(readBack(volumeData))
  if (driver === undefined) return ['malformed_volume_data']
  if (driver !== spiffeDriver.name) return []
  const reads = [read(certificate, 65_536, svidFromPem), read(bundle, 1_048_576, trustFromPem)]
  return reads.filter((problem) => problem !== undefined)
}

function read(text: string, maxBytes: number, parse: (text: string) => object): string | undefined {
  if (text === '') return 'empty'
  if (Buffer.byteLength(text) > maxBytes) return 'too_large'
  const found = parse(readBack(text))
  return 'problem' in found ? String(found.problem) : undefined
}

test('malformed files cost the healthy workloads nothing, and each that is refused is counted', async () => {
  const { clock, kubelet, start } = await healthyWorkloads()
  const app = await start({}, ['cluster', 'node'])
  const healthy = healthySeries(await metricsOf(app))
  const malformed = sample(volumes, count)
  for (const { certificate, bundle, volumeData } of malformed) {
    const paths = await kubelet.addVolume(randomUUID(), 'spiffe')
    await writeFile(join(paths.mount, spiffeDriver.certificateFile), certificate)
    await writeFile(join(paths.mount, spiffeDriver.bundleFile), bundle)
    await writeFile(paths.volumeData, volumeData)
  }
  const expected = tally(malformed.flatMap(refusedOf))
  await until(async () => {
    await clock.advance(1_000)
    assert.deepEqual(refusals(await metricsOf(app), 'mountedSvids'), expected)
  })
  const text = await metricsOf(app)
  assertExposition(text)
  assert.deepEqual(healthySeries(text), healthy)
})
