import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { bundleFromPem, firstToEndOfPem, maxFingerprints } from '../../../src/identity/trustBundle.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createTestCa, type TestCa } from '../../support/testCa.ts'

/** As OpenSSL tells it, without the colons. */
const fingerprintOf = ({ certificatePem }: TestCa) =>
  new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()

const { ca: recordedCa } = recordedPems('csi/cr-issued.json')

test('a bundle is as good as its newest certificate, a chain as its first to end', async () => {
  const old = await createTestCa({ notAfter: new Date('2026-01-01T00:00:00Z') })
  const next = await createTestCa({ notAfter: new Date('2027-01-01T00:00:00Z') })
  const pem = next.certificatePem + old.certificatePem
  expect(bundleFromPem(pem)).toEqual({
    bundle: {
      certificates: 2,
      fingerprints: [old, next].map(fingerprintOf).sort(),
      newestNotAfterMs: Date.parse('2027-01-01T00:00:00Z'),
    },
  })
  expect(firstToEndOfPem(pem)).toMatchObject({ notAfterMs: Date.parse('2026-01-01T00:00:00Z') })
})

test('bundles of the same certificates are the same, in any order, and if one is there twice', async () => {
  const [one, other] = [await createTestCa(), await createTestCa()]
  const bundle = bundleFromPem(one.certificatePem + other.certificatePem)
  expect(bundleFromPem(other.certificatePem + one.certificatePem)).toEqual(bundle)
  expect(bundleFromPem(one.certificatePem + other.certificatePem + one.certificatePem)).toEqual(bundle)
  expect(bundleFromPem(one.certificatePem)).not.toEqual(bundle)
})

test('of a large bundle some fingerprints are told, the same ones whatever the order, and how many there are', async () => {
  const cas = await Promise.all(Array.from({ length: maxFingerprints + 6 }, () => createTestCa()))
  const pems = cas.map(({ certificatePem }) => certificatePem)
  const large = bundleFromPem(pems.join(''))
  expect(large).toMatchObject({
    bundle: { certificates: 70, fingerprints: cas.map(fingerprintOf).sort().slice(0, maxFingerprints) },
  })
  expect(bundleFromPem(pems.toReversed().join(''))).toEqual(large)
})

test('the CA of a recorded request', () => {
  expect(firstToEndOfPem(recordedCa)).toEqual({
    notBeforeMs: Date.parse('2026-11-22T07:49:10Z'),
    notAfterMs: Date.parse('2027-02-20T07:49:10Z'),
  })
})

test.each([
  ['', { problem: 'malformed_pem', detail: 'no PEM block of type CERTIFICATE' }],
  [recordedCa.repeat(1001), { problem: 'malformed_pem', detail: 'more than 1000 certificates' }],
  [
    recordedCa + recordedCa.replace('MII', 'AAA'),
    { problem: 'malformed_certificate', detail: 'certificate 2 is not an X.509 certificate' },
  ],
])('%#: what is not a list of certificates is not a bundle', (pem, problem) => {
  expect(bundleFromPem(pem)).toEqual(problem)
  expect(firstToEndOfPem(pem)).toEqual(problem)
})
