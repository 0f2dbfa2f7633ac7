import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { maxKeyIdLength } from '../../../src/identity/authority.ts'
import { judgedSvid } from '../../../src/identity/judgedSvid.ts'
import { trustFromPem } from '../../../src/identity/trustBundle.ts'
import { issuedSvidFromPem, svidChainFromPem, svidFromPem } from '../../../src/identity/x509Svid.ts'
import { fixtureText, recordedPems } from '../../support/fixtures.ts'
import { createTestCa, leafUsage, type TestCa, type TestCaOptions } from '../../support/testCa.ts'

const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-01T01:00:00Z') }
const keyId = (digit: string) => digit.repeat(40)

/** A CA with a key identifier, unless it is to have none. */
const caOf = (name: string, options: TestCaOptions = {}) => createTestCa({ name, keyId: keyId('a'), ...options })
const caWithoutId = (name: string, options: TestCaOptions = {}) => createTestCa({ name, ...options })

async function leafOf(ca: TestCa): Promise<string> {
  const uris = ['spiffe://example.org/web']
  return (await ca.issue({ ...period, uris, usage: leafUsage })).certificatePem
}

/** The authority that both readers of SVIDs find. */
function authorityIn(pem: string): string | undefined {
  const [read, issued] = [svidFromPem(pem), issuedSvidFromPem(pem)]
  if ('problem' in read || 'problem' in issued) throw new Error('it cannot be read')
  expect(issued.authorityKeyId).toBe(read.svid.authorityKeyId)
  expect(issued.svid.authorityKeyId).toBeUndefined()
  return read.svid.authorityKeyId
}

/** The key identifiers of the authorities in a trust bundle. */
function keyIdsIn(pem: string): readonly string[] {
  const trust = trustFromPem(pem)
  if ('problem' in trust) throw new Error(trust.detail)
  return trust.bundle.authorities.map((authority) => authority.keyId)
}

/** The SHA-1 of a key of P-256, which is a point of 65 octets at the end of its SubjectPublicKeyInfo. */
function sha1Of({ certificatePem }: TestCa): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha1').update(spki.subarray(-65)).digest('hex')
}

describe('the authority that must be trusted', () => {
  test('is the one that the leaf names', async () => {
    expect(authorityIn(await leafOf(await caOf('root')))).toBe(keyId('a'))
  })

  test('is the one above the chain, in whatever order the chain comes', async () => {
    const root = await caOf('root')
    const upper = await caOf('upper', { keyId: keyId('b'), signedBy: root })
    const lower = await caOf('lower', { keyId: keyId('c'), signedBy: upper })
    const leaf = await leafOf(lower)
    expect(authorityIn(leaf)).toBe(keyId('c'))
    expect(authorityIn(leaf + lower.certificatePem)).toBe(keyId('b'))
    expect(authorityIn(leaf + upper.certificatePem + lower.certificatePem)).toBe(keyId('a'))
  })

  test('is the root, if the chain has it', async () => {
    const root = await caOf('root')
    const lower = await caOf('lower', { keyId: keyId('c'), signedBy: root })
    expect(authorityIn((await leafOf(lower)) + lower.certificatePem + root.certificatePem)).toBe(keyId('a'))
    const nameless = await caWithoutId('root')
    expect(authorityIn((await leafOf(nameless)) + nameless.certificatePem)).toBe(sha1Of(nameless))
  })

  test('is not one of the same name with another key', async () => {
    const [old, next] = [await caOf('root'), await caOf('root', { keyId: keyId('b') })]
    expect(authorityIn((await leafOf(next)) + old.certificatePem)).toBe(keyId('b'))
    expect(authorityIn((await leafOf(next)) + old.certificatePem + next.certificatePem)).toBe(keyId('b'))
  })

  test('is found once where two CAs have signed each other', async () => {
    const one = await caOf('one')
    const other = await caOf('other', { keyId: keyId('b'), signedBy: one })
    const crossed = await caOf('one', { signedBy: other })
    expect(authorityIn((await leafOf(one)) + crossed.certificatePem + other.certificatePem)).toBe(keyId('a'))
  })

  test('is not known of a leaf that names none', async () => {
    expect(authorityIn(await leafOf(await caWithoutId('root')))).toBeUndefined()
  })

  test('is the same for what names it and for what holds it, however long its identifier is', async () => {
    for (const octets of [1, maxKeyIdLength / 2, maxKeyIdLength / 2 + 1, 300]) {
      const ca = await caOf('root', { keyId: 'ab'.repeat(octets) })
      const named = authorityIn(await leafOf(ca))
      expect(named?.length).toBeLessThanOrEqual(maxKeyIdLength)
      expect(keyIdsIn(ca.certificatePem)).toEqual([named])
    }
  })

  test('that cert-manager and trust-manager know is one', () => {
    const { certificate, ca } = recordedPems('csi/cr-issued.json')
    expect([authorityIn(certificate)]).toEqual(keyIdsIn(ca))
    const { data } = JSON.parse(fixtureText('trust/configmap.json')) as { data: Record<string, string> }
    expect(keyIdsIn(data['ca.crt'] ?? '')).toEqual(['6e9204910961399ae885412e3e49bdbe0b781dfe'])
  })
})

describe('the authority of a trust bundle that accepts an SVID', () => {
  /** The authority of an SVID by the trust bundle beside it. */
  function judgedBy(pem: string, ...bundle: readonly TestCa[]): string | undefined {
    const [read, trust] = [svidChainFromPem(pem), trustFromPem(bundle.map((ca) => ca.certificatePem).join(''))]
    if ('problem' in read || 'problem' in trust) throw new Error('it cannot be read')
    return judgedSvid(read, trust.authorities).svid.authorityKeyId
  }

  test('is the one that must be trusted, also if it is below the end of the chain', async () => {
    const root = await caOf('root')
    const lower = await caOf('lower', { keyId: keyId('c'), signedBy: root })
    const chain = (await leafOf(lower)) + lower.certificatePem
    expect(judgedBy(chain, lower)).toBe(keyId('c'))
    expect(judgedBy(chain, root)).toBe(keyId('a'))
    expect(judgedBy(chain, await caOf('stranger', { keyId: keyId('d') }))).toBe(keyId('a'))
  })

  test('is known of a leaf that names none', async () => {
    const ca = await caWithoutId('root')
    expect(judgedBy(await leafOf(ca), ca)).toBe(sha1Of(ca))
  })
})
