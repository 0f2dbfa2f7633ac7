import { expect, test } from 'vitest'
import { bundleFromPem, firstToEndOfPem } from '../../../src/identity/trustBundle.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createTestCa } from '../../support/testCa.ts'

const { ca: recordedCa } = recordedPems('csi/cr-issued.json')

test('a bundle is as good as its newest certificate, a chain as its first to end', async () => {
  const old = await createTestCa({ notAfter: new Date('2026-01-01T00:00:00Z') })
  const next = await createTestCa({ notAfter: new Date('2027-01-01T00:00:00Z') })
  const pem = next.certificatePem + old.certificatePem
  expect(bundleFromPem(pem)).toEqual({
    bundle: { certificates: 2, newestNotAfterMs: Date.parse('2027-01-01T00:00:00Z') },
  })
  expect(firstToEndOfPem(pem)).toMatchObject({ notAfterMs: Date.parse('2026-01-01T00:00:00Z') })
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
