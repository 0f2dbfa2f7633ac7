import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { spiffeIdFromCsr } from '../../src/identity/csr.ts'
import { svidState } from '../../src/identity/lifetime.ts'
import { renewalDueMs, renewalRules } from '../../src/identity/renewal.ts'
import { parseSpiffeId } from '../../src/identity/spiffeId.ts'
import { firstToEndOfPem, maxAuthorities, trustFromPem } from '../../src/identity/trustBundle.ts'
import { authoritiesFromPem } from '../../src/identity/x509Authority.ts'
import { issuedSvidFromPem, svidFromPem } from '../../src/identity/x509Svid.ts'
import { rejectionReasons } from '../../src/ledger/sight/reasons.ts'
import { derTexts, pemOf } from './support/certificates.ts'
import { fuzz } from './support/fuzz.ts'
import { mutated } from './support/mutate.ts'
import { assertDetail, assertLabel, assertRefusal, assertTime } from './support/oracles.ts'
import { bundlePems, certificateDers, certificatePems, csrDers, csrPems } from './support/recorded.ts'
import { hugeMutation, textMutation } from './support/text.ts'

const pemMutation = fc.oneof(
  { weight: 50, arbitrary: textMutation },
  { weight: 1, arbitrary: hugeMutation },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('X509 CERTIFICATE', 'TRUSTED CERTIFICATE', 'certificate', 'CERTIFICATE ', 'PRIVATE KEY', '')
      .map((label) => (pem: string) => pem.replaceAll('BEGIN CERTIFICATE', `BEGIN ${label}`)),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('Proc-Type: 4,ENCRYPTED\n\n', '# comment\n', '\0', ' ')
      .map((header) => (pem: string) => pem.replaceAll('-----\n', `-----\n${header}`)),
  },
)

/** What PEM texts hold, damaged inside of their base64. */
const certificates = derTexts(certificateDers).map((der) => pemOf('CERTIFICATE', der))
/** One damaged certificate, at the beginning or at the end of a chain. */
const chains = fc
  .tuple(certificates, fc.constantFrom('', ...certificatePems), fc.boolean())
  .map(([damaged, pem, isFirst]) => (isFirst ? damaged + pem : pem + damaged))

function checkSvid(pem: string): void {
  const read = svidFromPem(pem)
  const issued = issuedSvidFromPem(pem)
  if ('problem' in issued) assertRefusal(issued, rejectionReasons)
  if ('problem' in read) return assertRefusal(read, rejectionReasons)
  assert.ok('svid' in issued)
  const { authorityKeyId } = read.svid
  assert.deepEqual({ ...issued.svid, ...(authorityKeyId !== undefined && { authorityKeyId }) }, read.svid)
  assert.equal(issued.authorityKeyId, authorityKeyId)
  if (authorityKeyId !== undefined) assert.match(authorityKeyId, /^[0-9a-f]{1,64}$/)
  const { svid } = read
  const id = parseSpiffeId(svid.spiffeId)
  assert.deepEqual('problem' in id ? id : [id.spiffeId, id.trustDomain], [svid.spiffeId, svid.trustDomain])
  assertLabel(svid.spiffeId, 2048)
  assert.match(svid.fingerprint, /^[0-9a-f]{64}$/)
  ;[svid.notBeforeMs, svid.notAfterMs, svid.chain?.notBeforeMs, svid.chain?.notAfterMs].forEach(assertTime)
  assert.ok(
    ['valid', 'renewal_overdue', 'expired'].includes(
      svidState(svid.notAfterMs, renewalDueMs(svid, renewalRules.other), 0),
    ),
  )
}

function checkBundle(pem: string): void {
  const read = trustFromPem(pem)
  const first = firstToEndOfPem(pem)
  const strict = authoritiesFromPem(pem)
  if ('detail' in strict) assertDetail(strict.detail)
  if ('problem' in read) return assertRefusal(read, rejectionReasons)
  const { certificates, authorities, newestNotAfterMs } = read.bundle
  assertTime(newestNotAfterMs)
  assert.equal(authorities.length, Math.min(certificates, maxAuthorities))
  for (const [index, { fingerprint, keyId, notBeforeMs, notAfterMs }] of authorities.entries()) {
    assert.match(fingerprint, /^[0-9a-f]{64}$/)
    assert.ok(fingerprint > (authorities[index - 1]?.fingerprint ?? ''))
    assert.match(keyId, /^[0-9a-f]{1,64}$/)
    ;[notBeforeMs, notAfterMs].forEach(assertTime)
  }
  assert.ok(first && 'notAfterMs' in first && first.notAfterMs <= newestNotAfterMs)
}

function checkCsr(pem: string): void {
  const read = spiffeIdFromCsr(pem)
  if ('problem' in read) return assertRefusal(read, rejectionReasons)
  const id = parseSpiffeId(read.spiffeId)
  assert.ok('path' in id && id.path !== '' && id.trustDomain === read.trustDomain)
}

test('PEM texts of SVIDs', () => fuzz(mutated(certificatePems, pemMutation), checkSvid))
test('PEM texts of trust bundles', () => fuzz(mutated(bundlePems, pemMutation), checkBundle))
test('DER inside of the PEM of SVIDs and trust bundles', () => {
  return fuzz(chains, (pem) => {
    checkSvid(pem)
    checkBundle(pem)
  })
})
test('PEM texts of certificate signing requests', () => fuzz(mutated(csrPems, pemMutation), checkCsr))
test('DER inside of certificate signing requests', () => {
  return fuzz(
    derTexts(csrDers).map((der) => pemOf('CERTIFICATE REQUEST', der)),
    checkCsr,
  )
})
