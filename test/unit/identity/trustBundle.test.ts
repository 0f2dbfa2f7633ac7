import { createHash, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Authority } from '../../../src/identity/authority.ts'
import { firstToEndOfPem, maxAuthorities, trustFromPem } from '../../../src/identity/trustBundle.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createTestCa, type TestCa } from '../../support/testCa.ts'

/** The trust bundle in a PEM text, or why there is none. */
function bundleOf(pem: string) {
  const trust = trustFromPem(pem)
  return 'problem' in trust ? trust : { bundle: trust.bundle }
}

/** As OpenSSL tells it, without the colons. The CA has no subject key identifier, so that its key is told by its SHA-1. */
function authorityOf({ certificatePem }: TestCa): Authority {
  const { fingerprint256, publicKey, validFromDate, validToDate } = new X509Certificate(certificatePem)
  // The key of P-256 is a point of 65 octets at the end of the SubjectPublicKeyInfo.
  const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)
  return {
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    keyId: createHash('sha1').update(key).digest('hex'),
    notBeforeMs: validFromDate.getTime(),
    notAfterMs: validToDate.getTime(),
  }
}

const byFingerprint = (one: Authority, other: Authority) => (one.fingerprint < other.fingerprint ? -1 : 1)

const { ca: recordedCa } = recordedPems('csi/cr-issued.json')

test('a bundle is as good as its newest certificate, a chain as its first to end', async () => {
  const old = await createTestCa({ notAfter: new Date('2026-01-01T00:00:00Z') })
  const next = await createTestCa({ notAfter: new Date('2027-01-01T00:00:00Z') })
  const pem = next.certificatePem + old.certificatePem
  expect(bundleOf(pem)).toEqual({
    bundle: {
      certificates: 2,
      authorities: [old, next].map(authorityOf).sort(byFingerprint),
      newestNotAfterMs: Date.parse('2027-01-01T00:00:00Z'),
    },
  })
  expect(firstToEndOfPem(pem)).toMatchObject({ notAfterMs: Date.parse('2026-01-01T00:00:00Z') })
})

test('bundles of the same certificates are the same, in any order, and if one is there twice', async () => {
  const [one, other] = [await createTestCa(), await createTestCa()]
  const bundle = bundleOf(one.certificatePem + other.certificatePem)
  expect(bundleOf(other.certificatePem + one.certificatePem)).toEqual(bundle)
  expect(bundleOf(one.certificatePem + other.certificatePem + one.certificatePem)).toEqual(bundle)
  expect(bundleOf(one.certificatePem)).not.toEqual(bundle)
})

test('of a large bundle some authorities are told, the same ones whatever the order, and how many there are', async () => {
  const cas = await Promise.all(Array.from({ length: maxAuthorities + 6 }, () => createTestCa()))
  const pems = cas.map(({ certificatePem }) => certificatePem)
  const large = bundleOf(pems.join(''))
  expect(large).toMatchObject({
    bundle: { certificates: 70, authorities: cas.map(authorityOf).sort(byFingerprint).slice(0, maxAuthorities) },
  })
  expect(bundleOf(pems.toReversed().join(''))).toEqual(large)
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
  expect(bundleOf(pem)).toEqual(problem)
  expect(firstToEndOfPem(pem)).toEqual(problem)
})
