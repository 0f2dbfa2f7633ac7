import { expect, test } from 'vitest'
import type { SpiffeBundle } from '../../../../src/identity/spiffeBundle.ts'
import { fetchedAuthorities } from '../../../../src/sources/bundleEndpoints/fetchedAuthorities.ts'
import type { FetchedBundles } from '../../../../src/sources/bundleEndpoints/fetchedBundles.ts'
import { createTestCa } from '../../../support/testCa.ts'
import { derOf } from '../../../support/bundlePki.ts'

/** A bundle with these certificates, in base64, which counts how often they are looked at. */
function counted(ders: readonly string[]): { readonly bundle: SpiffeBundle; readonly looks: () => number } {
  let looks = 0
  const x509Authorities = ders.map((der) => ({
    get der() {
      looks += 1
      return der
    },
    notAfterMs: 0,
  }))
  return { bundle: { x509Authorities, jwtAuthorities: [] }, looks: () => looks }
}

test('a bundle of which a certificate cannot be read has no authorities, and is read but once', () => {
  const { bundle, looks } = counted([Buffer.from('no certificate').toString('base64')])
  const fetched: FetchedBundles = new Map([['example.org', { bundle }]])
  const authoritiesOf = fetchedAuthorities(fetched)
  expect([authoritiesOf('example.org'), authoritiesOf('example.org')]).toEqual([undefined, undefined])
  expect(looks()).toBe(1)
})

test('a bundle that can be read again is used', async () => {
  const fetched: FetchedBundles = new Map([['example.org', { bundle: counted(['bm8=']).bundle }]])
  const authoritiesOf = fetchedAuthorities(fetched)
  expect(authoritiesOf('example.org')).toBeUndefined()
  const { certificatePem } = await createTestCa()
  fetched.set('example.org', { bundle: counted([derOf(certificatePem)]).bundle })
  expect(authoritiesOf('example.org')).toHaveLength(1)
})
