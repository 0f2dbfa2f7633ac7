import assert from 'node:assert/strict'
import { test } from 'vitest'
import { bundleFromJson } from '../../src/identity/bundleDocument.ts'
import { parseStrictJson } from '../../src/identity/strictJson.ts'
import { authorityFromDer } from '../../src/identity/x509Authority.ts'
import { bundleProblems } from '../../src/ledger/bundles/reasons.ts'
import { derTexts } from './support/certificates.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonTexts } from './support/json.ts'
import { assertDetail, assertRefusal, assertTime } from './support/oracles.ts'
import { bundleDocuments, certificateDers } from './support/recorded.ts'

function checkBundle(text: string): void {
  const read = bundleFromJson(text)
  if ('problem' in read) return assertRefusal(read, bundleProblems)
  const { sequence, refreshHintMs = 0, x509Authorities, jwtAuthorities } = read.bundle
  assert.ok(sequence === undefined || sequence < 2n ** 64n)
  assert.ok(Number.isFinite(refreshHintMs) && refreshHintMs >= 0)
  for (const { der, notAfterMs } of x509Authorities) {
    assertTime(notAfterMs)
    assert.ok(der.length <= text.length)
  }
  const [first] = x509Authorities
  const again = first && authorityFromDer(first.der)
  assert.deepEqual(again && 'authority' in again && again.authority, first)
  for (const { keyId, expiresMs } of jwtAuthorities) {
    assert.ok(keyId.length <= 1024)
    assert.ok(expiresMs === undefined || Number.isFinite(expiresMs))
  }
}

/** Strict JSON is what JSON.parse takes it for, or refused. */
function checkStrictJson(text: string): void {
  const read = parseStrictJson(text)
  if ('detail' in read) return assertDetail(read.detail)
  const numbers = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
  assert.equal(JSON.stringify(read.value, numbers), JSON.stringify(JSON.parse(text)))
}

test('SPIFFE bundle documents', () => {
  return fuzz(jsonTexts(bundleDocuments), (text) => {
    checkStrictJson(text)
    checkBundle(text)
  })
})

test('the certificates in SPIFFE bundle documents', () => {
  const documents = derTexts(certificateDers).map((der) =>
    JSON.stringify({ keys: [{ use: 'x509-svid', kty: 'EC', x5c: [der.toString('base64')] }] }),
  )
  return fuzz(documents, checkBundle)
})
