import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { caCertificatesOf } from '../../src/identity/certificate.ts'
import { refusals } from '../../src/identity/verdict.ts'
import { verdictOf } from '../../src/identity/verification.ts'
import { svidChainFromDer } from '../../src/identity/x509Svid.ts'
import { fixtureText } from '../support/fixtures.ts'
import { derTexts } from './support/certificates.ts'
import { fuzz } from './support/fuzz.ts'
import { assertDetail, assertTime } from './support/oracles.ts'

/** Recorded SVIDs with their trust bundles, in DER. */
const recorded = (
  JSON.parse(fixtureText('verdicts/svids.json')) as {
    readonly cases: readonly { readonly chain: readonly string[]; readonly bundle: readonly string[] }[]
  }
).cases.map(({ chain, bundle }) => ({ chain: bytesOf(chain), bundle: bytesOf(bundle) }))

function bytesOf(certificates: readonly string[]): readonly Buffer[] {
  return certificates.map((one) => Buffer.from(one, 'base64'))
}

interface Svid {
  readonly chain: readonly Buffer[]
  readonly bundle: readonly Buffer[]
}

function checkVerdict({ chain, bundle }: Svid): void {
  const read = svidChainFromDer(chain)
  const authorities = caCertificatesOf(bundle, 1)
  if ('problem' in read || 'problem' in authorities) return
  const verdict = verdictOf(read.chain, authorities)
  assert.deepEqual(verdictOf(read.chain, authorities), verdict)
  if ('refusal' in verdict) {
    assert.ok(Object.hasOwn(refusals, verdict.refusal))
    return assertDetail(verdict.detail)
  }
  assertTime(verdict.period.notBeforeMs)
  assertTime(verdict.period.notAfterMs)
  assert.ok(authorities.some(({ fingerprint }) => fingerprint === verdict.authority))
}

/** One certificate of a chain or a bundle, damaged inside of its DER. */
const damaged: fc.Arbitrary<Svid> = fc.constantFrom(...recorded).chain(({ chain, bundle }) => {
  const all = [...chain, ...bundle]
  return fc.nat(all.length - 1).chain((at) =>
    derTexts(all.slice(at, at + 1)).map((der) => {
      const changed = all.with(at, der)
      return { chain: changed.slice(0, chain.length), bundle: changed.slice(chain.length) }
    }),
  )
})

/** Certificates of all recorded chains and bundles, in one. */
const everything = recorded.flatMap(({ chain, bundle }) => [...chain, ...bundle])
const mixed: fc.Arbitrary<Svid> = fc.record({
  chain: fc.array(fc.constantFrom(...everything), { minLength: 1, maxLength: 20 }),
  bundle: fc.array(fc.constantFrom(...everything), { minLength: 1, maxLength: 100 }),
})

test('SVIDs of which one certificate is damaged', () => fuzz(damaged, checkVerdict))
test('SVIDs and trust bundles of any certificates', () => fuzz(mixed, checkVerdict))
