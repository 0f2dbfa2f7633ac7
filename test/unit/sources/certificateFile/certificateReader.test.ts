import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CertificateReader } from '../../../../src/sources/certificateFile/certificateReader.ts'
import type { VolumePaths } from '../../../../src/sources/mountedSvids/layout.ts'
import { KubeletFolder } from '../../../support/kubeletFolder.ts'
import { createTestCa, leafUsage, type TestCa } from '../../../support/testCa.ts'

vi.mock('node:fs/promises', { spy: true })

let kubelet: KubeletFolder
let paths: VolumePaths
let reader: CertificateReader
beforeEach(async () => {
  kubelet = await KubeletFolder.create()
  paths = await kubelet.addVolume('pod-1', 'spiffe')
  reader = new CertificateReader({
    certificate: join(paths.mount, 'tls.crt'),
    bundle: { path: join(paths.mount, 'ca.crt'), mayBeMissing: true },
    within: paths.mount,
  })
})
afterEach(async () => {
  vi.mocked(realpath).mockReset()
  await kubelet.remove()
})

const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-02T00:00:00Z') }

/** Writes both files as the driver does when the SVID is renewed, here by a new CA. */
async function renew(ca: TestCa): Promise<void> {
  const { certificatePem } = await ca.issue({ ...period, uris: ['spiffe://example.org/web'], usage: leafUsage })
  await kubelet.write(paths, { 'tls.crt': certificatePem, 'ca.crt': ca.certificatePem })
}

/** Lets something happen each time when the certificate has been read, and the path of the bundle is about to be resolved. */
async function beforeEachBundle(happens: () => Promise<void>): Promise<void> {
  const { realpath: resolved } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
  const hooked = async (path: string) => {
    if (path.endsWith('ca.crt')) await happens()
    return resolved(path)
  }
  vi.mocked(realpath).mockImplementation(hooked as typeof realpath)
}

test('files that are replaced together are read together, so that a renewal by a new CA is no fault', async () => {
  await renew(await createTestCa({ name: 'old' }))
  const renewals = [await createTestCa({ name: 'new' })]
  await beforeEachBundle(async () => {
    const next = renewals.pop()
    if (next !== undefined) await renew(next)
  })
  const { reading, bundle, verdict } = await reader.read()
  expect(reading).toMatchObject({ svid: { spiffeId: 'spiffe://example.org/web' } })
  expect(verdict).toMatchObject({ authority: bundle && 'authorities' in bundle && bundle.authorities[0]?.fingerprint })
})

test('files that are replaced during each read have no verdict', async () => {
  const cas = await Promise.all(['one', 'two'].map((name) => createTestCa({ name })))
  await Promise.all(cas.slice(0, 1).map(renew))
  let reads = 0
  await beforeEachBundle(async () => {
    reads += 1
    await Promise.all(cas.slice(reads % 2, (reads % 2) + 1).map(renew))
  })
  const { reading, verdict } = await reader.read()
  expect(reading).toHaveProperty('svid')
  expect(verdict).toBeUndefined()
  expect(reads).toBe(3)
})
