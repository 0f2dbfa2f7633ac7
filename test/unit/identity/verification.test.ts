import { X509Certificate, hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { caCertificatesOf } from '../../../src/identity/certificate.ts'
import { trustFromPem } from '../../../src/identity/trustBundle.ts'
import type { Verdict } from '../../../src/identity/verdict.ts'
import { verdictOf } from '../../../src/identity/verification.ts'
import { svidChainFromDer, svidChainFromPem } from '../../../src/identity/x509Svid.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createKeys, createTestCa, leafUsage, type TestCa, type TestCaOptions } from '../../support/testCa.ts'
import {
  authorityKeyId,
  der,
  dns,
  keyOf,
  nameConstraints,
  names,
  oid,
  sequence,
  subjectKeyId,
} from '../../../tools/verdicts/certificateBuilder.ts'
import {
  caExtensions,
  leaf,
  leafUsage as leafUsageOf,
  lowerLeaf,
  middle,
  middleKey,
  root,
  webId,
} from '../../../tools/verdicts/svidParts.ts'

const year = (from: number, to: number) => ({
  notBefore: new Date(`${from}-01-01T00:00:00Z`),
  notAfter: new Date(`${to}-01-01T00:00:00Z`),
})

async function leafOf(ca: TestCa): Promise<string> {
  const { certificatePem } = await ca.issue({
    ...year(2026, 2027),
    uris: ['spiffe://example.org/web'],
    usage: leafUsage,
  })
  return certificatePem
}

function verdict(chain: readonly string[], bundle: readonly (TestCa | string)[]): Verdict {
  const read = svidChainFromPem(chain.join(''))
  const pems = bundle.map((one) => (typeof one === 'string' ? one : one.certificatePem))
  const trust = trustFromPem(pems.join(''))
  if ('problem' in read || 'problem' in trust) return expect.fail('the chain or the bundle cannot be read')
  return verdictOf(read.chain, trust.authorities)
}

function derVerdict(chain: readonly Buffer[], bundle: readonly Buffer[]): Verdict {
  const read = svidChainFromDer(chain)
  const authorities = caCertificatesOf(bundle, 1)
  if ('problem' in read || 'problem' in authorities) return expect.fail('the chain or the bundle cannot be read')
  return verdictOf(read.chain, authorities)
}

const accepted = ({ certificatePem }: TestCa, from: number, to: number): Verdict => ({
  authority: hash('sha256', new X509Certificate(certificatePem).raw),
  period: { notBeforeMs: Date.UTC(from), notAfterMs: Date.UTC(to) },
})

const ca = (name: string, from: number, to: number, options: TestCaOptions = {}) =>
  createTestCa({ name, ...year(from, to), ...options })

describe('a chain is accepted', () => {
  test('for as long as its intermediate and its authority are valid', async () => {
    const authority = await ca('root', 2020, 2030)
    const middle = await ca('middle', 2025, 2028, { signedBy: authority })
    expect(verdict([await leafOf(middle), middle.certificatePem], [authority])).toEqual(accepted(authority, 2025, 2028))
  })

  test('with its intermediates in any order, and with others that have nothing to do with it', async () => {
    const authority = await ca('root', 2020, 2030)
    const upper = await ca('upper', 2021, 2029, { signedBy: authority })
    const lower = await ca('lower', 2022, 2028, { signedBy: upper })
    const stranger = await ca('stranger', 2022, 2028)
    const chain = [await leafOf(lower), ...[stranger, upper, lower].map(({ certificatePem }) => certificatePem)]
    expect(verdict(chain, [stranger, authority])).toEqual(accepted(authority, 2022, 2028))
  })

  test('for as long as the best of several paths, if an intermediate is cross-signed', async () => {
    const [old, young] = await Promise.all([ca('old', 2020, 2027), ca('young', 2026, 2036)])
    const keys = await createKeys()
    const crossed = await Promise.all([old, young].map((signedBy) => ca('middle', 2026, 2035, { signedBy, keys })))
    const [first = expect.fail()] = crossed
    const chain = [await leafOf(first), ...crossed.map(({ certificatePem }) => certificatePem)]
    expect(verdict(chain, [old, young])).toEqual(accepted(young, 2026, 2035))
    expect(verdict(chain, [old])).toEqual(accepted(old, 2026, 2027))
  })

  test('without a break, if the authority was renewed with the same key', async () => {
    const keys = await createKeys()
    const [old, young] = await Promise.all([ca('root', 2020, 2027, { keys }), ca('root', 2026, 2033, { keys })])
    expect(verdict([await leafOf(old)], [old, young])).toEqual(accepted(young, 2020, 2033))
  })

  test('at no time, if its certificates are never valid together', async () => {
    const authority = await ca('root', 2020, 2024)
    const middle = await ca('middle', 2025, 2028, { signedBy: authority })
    expect(verdict([await leafOf(middle), middle.certificatePem], [authority])).toEqual(accepted(authority, 2025, 2024))
  })

  test.each([
    ['cr-issued.json', '2026-11-22T07:49:10Z', '2027-02-20T07:49:10Z'],
    ['cr-broken-ca-expired.json', '2026-11-01T00:00:00Z', '2026-11-20T00:00:00Z'],
  ])('as long as its CA is valid, if cert-manager issued it: %s', (file, from, to) => {
    const { certificate, ca: bundle } = recordedPems(`csi/${file}`)
    const period = { notBeforeMs: Date.parse(from), notAfterMs: Date.parse(to) }
    expect(verdict([certificate], [bundle])).toMatchObject({ period })
  })

  test('in the DER that a server presents', async () => {
    const authority = await ca('root', 2020, 2030)
    const [leafDer, rootDer] = [await leafOf(authority), authority.certificatePem].map(
      (pem) => new X509Certificate(pem).raw,
    )
    if (leafDer === undefined || rootDer === undefined) return expect.fail()
    expect(derVerdict([leafDer], [rootDer])).toEqual(accepted(authority, 2020, 2030))
  })
})

describe('a chain is refused', () => {
  test('if the CA has a new key, and the bundle has the old one', async () => {
    const [old, young] = await Promise.all([ca('spiffe-ca', 2020, 2030), ca('spiffe-ca', 2026, 2036)])
    expect(verdict([await leafOf(young)], [old])).toEqual({
      refusal: 'unknown_authority',
      detail: 'the leaf is signed by "CN=spiffe-ca"; the trust bundle has this name only with other keys',
    })
  })

  test('if its intermediate is missing', async () => {
    const authority = await ca('root', 2020, 2030)
    const middle = await ca('middle', 2025, 2028, { signedBy: authority })
    expect(verdict([await leafOf(middle)], [authority])).toEqual({
      refusal: 'unknown_authority',
      detail: 'the leaf is signed by "CN=middle"; the trust bundle has no certificate with this name',
    })
  })
})

describe('a hostile chain', () => {
  /** CAs of one name and many keys, each signed by the one before. */
  async function tower(height: number): Promise<readonly TestCa[]> {
    const [first] = [await ca('tower', 2020, 2030)]
    const all = [first]
    while (all.length < height) all.push(await ca('tower', 2020, 2030, { signedBy: all.at(-1) ?? first }))
    return all
  }

  test('costs no more than 100 signatures, though each certificate has the name of the issuer of each', async () => {
    const all = await tower(20)
    const leaf = await leafOf(all.at(-1) ?? expect.fail())
    const stranger = await ca('stranger', 2020, 2030)
    const chain = [leaf, ...all.slice(1).map(({ certificatePem }) => certificatePem)]
    expect(verdict(chain, [stranger])).toEqual({
      refusal: 'unknown_authority',
      detail: 'more than 100 certificates have the names of issuers of the chain',
    })
  })

  test('is judged within a second, with a trust bundle of 1,000 authorities of one name', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => keyOf(`authority ${index}`))
    const bundle = keys.map((key) => root({ key, extensions: [...caExtensions, subjectKeyId(key)] }))
    const last = keys.at(-1) ?? expect.fail()
    const crowd = keys.slice(0, 19).map((key) => root({ key: keyOf(key.id.toString('hex')), by: key }))
    const withKeyId = leaf({ by: last, extensions: [leafUsageOf, names(webId), authorityKeyId(last)] })

    const before = process.threadCpuUsage()
    expect(derVerdict([withKeyId, ...crowd], bundle)).toMatchObject({ period: { notAfterMs: Date.UTC(2036) } })
    expect(derVerdict([leaf({ by: last }), ...crowd], bundle)).toMatchObject({
      refusal: 'unknown_authority',
      detail: 'more than 100 certificates have the names of issuers of the chain',
    })
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1_000)
  })

  const numberOf = (bits: number) => der(0x02, Buffer.concat([Buffer.of(0), Buffer.alloc(bits / 8, 0xff)]))
  const bitString = (content: Buffer) => der(0x03, Buffer.of(0), content)
  const dsaKey = sequence(
    sequence(oid('2a8648ce380401'), sequence(numberOf(10_000), numberOf(256), numberOf(9_992))),
    bitString(numberOf(9_984)),
  )
  const rsaKey = (bits: number, exponentBits: number) =>
    sequence(
      sequence(oid('2a864886f70d010101'), der(0x05)),
      bitString(sequence(numberOf(bits), numberOf(exponentBits))),
    )

  test.each([
    ['a DSA key', dsaKey, 'its key is of a type that peers do not know'],
    ['an RSA key of 16,384 bits', rsaKey(16_384, 16), 'its RSA key has 16384 bits; peers take 1024 to 8192'],
    ['an RSA key with an exponent of 64 bits', rsaKey(8192, 64), 'the exponent of its RSA key has more than 31 bits'],
  ])('is refused before a signature is verified with %s', (_, spki, problem) => {
    const authority = root({ spki })
    expect(derVerdict([leaf()], [authority])).toEqual({
      refusal: 'refused_other',
      detail: `"CN=root": ${problem}`,
    })
  })

  test('is judged within a second, with 5,000 names and a CA of its own that has 5,000 constraints', () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => dns(`${prefix}${index}.example.org`))
    const manyNames = names(webId, ...many('name', 5_000))
    const own = middle({ by: middleKey, extensions: [...caExtensions, nameConstraints([], many('host', 5_000))] })
    const crowd = Array.from({ length: 18 }, (_, index) =>
      middle({
        serial: `${index + 20}`,
        by: middleKey,
        extensions: [...caExtensions, nameConstraints([], many('host', 1))],
      }),
    )
    const chain = [lowerLeaf({ extensions: [leafUsageOf, manyNames] }), own, ...crowd]

    const before = process.threadCpuUsage()
    expect(derVerdict(chain, [root()])).toMatchObject({ refusal: 'refused_other' })
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1_000)
  })
})
