import { describe, expect, test } from 'vitest'
import { bundleFromJson } from '../../../src/identity/bundleDocument.ts'
import { fixtureText } from '../../support/fixtures.ts'
import { createTestCa } from '../../support/testCa.ts'
import { derOf, x509Jwk } from '../../support/bundlePki.ts'

const recorded = fixtureText('spire/bundle-endpoint-https_spiffe.json')

describe('a bundle', () => {
  test('that SPIRE served, with two authorities that have expired', () => {
    const read = bundleFromJson(recorded)
    expect(read).toMatchObject({ bundle: { sequence: 5n, refreshHintMs: 30_000 } })
    if (!('bundle' in read)) return
    expect(read.bundle.x509Authorities.map(({ notAfterMs }) => new Date(notAfterMs).toISOString())).toEqual([
      '2026-11-22T08:17:01.000Z',
      '2026-11-22T08:22:01.000Z',
      '2026-11-22T08:27:01.000Z',
    ])
    expect(read.bundle.jwtAuthorities).toEqual([
      { keyId: 'MpvPVB8KQ8Rj4FE3F60g7iwJsgckLBNK' },
      { keyId: 'e0N5ecHeDrFr78IyAhj5zilTl6kEwIZK' },
      { keyId: 'Gaz2w5Hu2nbwzkQIq6jjsanMZHv1iFCp' },
    ])
  })

  test.each([
    ['18446744073709551615', 18_446_744_073_709_551_615n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['0', 0n],
  ])('keeps every digit of the sequence %s', (literal, sequence) => {
    expect(bundleFromJson(`{"keys": [], "spiffe_sequence": ${literal}}`)).toMatchObject({ bundle: { sequence } })
  })

  test('without sequence and hint has neither', () => {
    expect(bundleFromJson('{"keys": []}')).toEqual({ bundle: { x509Authorities: [], jwtAuthorities: [] } })
  })

  test('takes the first certificate of x5c, and each authority once', async () => {
    const [first, second] = await Promise.all([createTestCa({ name: 'first' }), createTestCa({ name: 'second' })])
    const ders = [first, second].map(({ certificatePem }) => derOf(certificatePem))
    const key = x509Jwk(first.certificatePem)
    const read = bundleFromJson(JSON.stringify({ keys: [{ ...key, x5c: ders }, key] }))
    expect(read).toMatchObject({ bundle: { x509Authorities: [{ der: ders[0] }] } })
    expect('bundle' in read && read.bundle.x509Authorities).toHaveLength(1)
  })

  test('ignores keys of other uses and types beside its own', async () => {
    const ca = await createTestCa()
    const key = x509Jwk(ca.certificatePem)
    const others = [
      { ...key, use: 'wit-svid' },
      { ...key, kty: 'AKP' },
      { kty: 'EC', use: 'x509-svid' },
    ]
    const read = bundleFromJson(JSON.stringify({ keys: [...others, key] }))
    expect('bundle' in read && read.bundle.x509Authorities.map(({ der }) => der)).toEqual([derOf(ca.certificatePem)])
  })

  test('tells when a JWT authority ends, where the document does', () => {
    const document = recorded.replace('"kid": "MpvPVB8KQ8Rj4FE3F60g7iwJsgckLBNK"', '"kid": "a", "exp": 1795335421')
    const read = bundleFromJson(document)
    expect('bundle' in read && read.bundle.jwtAuthorities[0]).toEqual({
      keyId: 'a',
      expiresMs: Date.parse('2026-11-22T08:17:01Z'),
    })
  })
})

describe('a text that is no bundle', () => {
  test.each([
    ['{"keys": [', 'malformed_json', 'the text is not JSON'],
    ['{"a": {"b": 1, "c": "\\"}", "b": 2}, "keys": []}', 'malformed_json', 'an object has the member "b" twice'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'malformed_json', 'the JSON is nested more than 32 deep'],
    ['[]', 'malformed_bundle', 'the document is not a JSON object'],
    ['{}', 'malformed_bundle', 'keys is missing'],
    ['{"keys": null}', 'malformed_bundle', 'keys is not an array'],
    ['{"keys": [{}, 5]}', 'malformed_bundle', 'keys[1] is not an object'],
    ['{"keys": [{"kty": 5}]}', 'malformed_bundle', 'keys[0].kty is not a string'],
    ['{"keys": [{"kty": "EC", "use": true}]}', 'malformed_bundle', 'keys[0].use is not a string'],
    ['{"keys": [{"kty": "EC", "use": "x509-svid", "x5c": {}}]}', 'malformed_bundle', 'keys[0].x5c is not an array'],
    [
      '{"keys": [{"kty": "EC", "use": "x509-svid", "x5c": [[]]}]}',
      'malformed_bundle',
      'keys[0].x5c[0] is not a string',
    ],
    ['{"keys": [{"kty": "EC", "use": "jwt-svid", "kid": 1}]}', 'malformed_bundle', 'keys[0].kid is not a string'],
    [
      '{"keys": [{"kty": "EC", "use": "x509-svid", "x5c": [" "]}]}',
      'malformed_authority',
      'keys[0].x5c[0]: it is not base64',
    ],
  ])('%s', (text, problem, detail) => {
    expect(bundleFromJson(text)).toEqual({ problem, detail })
  })

  test('cut off anywhere, it is never taken for a bundle', () => {
    const document = recorded.trimEnd()
    for (let length = 0; length < document.length; length += 1) {
      expect(bundleFromJson(document.slice(0, length))).toHaveProperty('problem')
    }
  })

  test('with any one byte of an authority changed, it is a bundle or a problem, and nothing is thrown', async () => {
    const ca = await createTestCa()
    const key = x509Jwk(ca.certificatePem)
    const der = Buffer.from(derOf(ca.certificatePem), 'base64')
    for (const index of der.keys()) {
      const changed = Buffer.from(der)
      changed[index] = (der[index] ?? 0) ^ 0xff
      const read = bundleFromJson(JSON.stringify({ keys: [{ ...key, x5c: [changed.toString('base64')] }] }))
      if ('problem' in read) expect(read.problem).toBe('malformed_authority')
      else expect(read.bundle.x509Authorities.every(({ notAfterMs }) => Number.isFinite(notAfterMs))).toBe(true)
    }
  })
})
