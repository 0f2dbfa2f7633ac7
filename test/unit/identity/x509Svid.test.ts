import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { pemOfDer } from '../../../src/identity/x509Authority.ts'
import { issuedSvidFromPem, svidFromPem } from '../../../src/identity/x509Svid.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createTestCa, type LeafOptions, type TestCa } from '../../support/testCa.ts'

const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-01T01:00:00Z') }
const web = 'spiffe://example.org/ns/team-a/sa/web'

let ca: TestCa
let short: TestCa
beforeAll(async () => {
  ca = await createTestCa()
  short = await createTestCa({ name: 'short', notAfter: new Date('2026-01-01T00:30:00Z') })
})

async function leafPem(options: Partial<LeafOptions>): Promise<string> {
  return (await ca.issue({ ...period, ...options })).certificatePem
}

describe('an SVID', () => {
  test('that cert-manager issued', () => {
    const { certificate } = recordedPems('csi/cr-issued.json')
    expect(svidFromPem(certificate)).toEqual({
      svid: {
        spiffeId: web,
        trustDomain: 'example.org',
        notBeforeMs: Date.parse('2026-11-22T07:59:41Z'),
        notAfterMs: Date.parse('2026-11-22T08:02:41Z'),
        fingerprint: '159440bda1270baca09f120e4cffb45f4046ae06804b6e3290544887c916ac04',
        authorityKeyId: 'bd9675dc073767c7d1b76d78715f5f1880239615',
      },
    })
  })

  test('with a damaged name is malformed for those who use it, and read where it was only issued', () => {
    const { certificate } = recordedPems('csi/cr-issued.json')
    const { raw, issuer } = new X509Certificate(certificate)
    // The tag of the issuer's common name stands before its length and the name itself.
    const tagAt = raw.indexOf(issuer.replace('CN=', '')) - 2
    raw[tagAt] = 0xff
    const damaged = pemOfDer(raw.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n'))
    expect(svidFromPem(damaged)).toMatchObject({ problem: 'malformed_certificate' })
    expect(issuedSvidFromPem(damaged)).toMatchObject({ svid: { spiffeId: web } })
  })

  test('whose annotation lies has the identity of its certificate', () => {
    const { certificate } = recordedPems('csi/cr-lying-annotation.json')
    expect(svidFromPem(certificate)).toMatchObject({ svid: { spiffeId: web } })
  })

  test('with DNS names beside its URI', async () => {
    const pem = await leafPem({ uris: [web], dns: ['web.team-a', 'web'], commonName: 'web' })
    expect(svidFromPem(pem)).toMatchObject({ svid: { spiffeId: web } })
  })

  test('ends with its chain where that ends first, whichever certificate it is', async () => {
    const leaf = await leafPem({ uris: [web] })
    for (const chain of [short.certificatePem + ca.certificatePem, ca.certificatePem + short.certificatePem]) {
      expect(svidFromPem(leaf + chain)).toMatchObject({
        svid: { notAfterMs: period.notAfter.getTime(), chain: { notAfterMs: Date.parse('2026-01-01T00:30:00Z') } },
      })
    }
  })

  test('is told apart from the next one of the same workload', async () => {
    const first = svidFromPem(await leafPem({ uris: [web] }))
    const second = svidFromPem(await leafPem({ uris: [web] }))
    expect('svid' in first && 'svid' in second && first.svid.fingerprint !== second.svid.fingerprint).toBe(true)
  })

  test('with text and Windows line ends around its blocks', async () => {
    const pem = `subject=web\r\n${(await leafPem({ uris: [web] })).replaceAll('\n', '\r\n')}some text\n${ca.certificatePem}`
    expect(svidFromPem(pem)).toMatchObject({ svid: { spiffeId: web } })
  })

  test('that never expires (RFC 5280 section 4.1.2.5)', async () => {
    const notAfter = new Date('9999-12-31T23:59:59Z')
    expect(svidFromPem(await leafPem({ uris: [web], notAfter }))).toMatchObject({
      svid: { notAfterMs: notAfter.getTime() },
    })
  })
})

describe('a certificate that is no SVID', () => {
  test.each<[string, Partial<LeafOptions>]>([
    ['no_uri_san', {}],
    ['no_uri_san', { dns: ['web.example.org'], commonName: web }],
    ['many_uri_sans', { uris: [web, 'spiffe://example.org/ns/team-a/sa/api'] }],
    ['many_uri_sans', { uris: [web, 'https://example.org'] }],
    ['invalid_spiffe_id', { uris: ['https://example.org/web'] }],
    ['invalid_spiffe_id', { uris: [`https://example.org, URI:${web}`] }],
    ['invalid_spiffe_id', { uris: [`${web}", URI:"`] }],
    ['invalid_spiffe_id', { uris: [`${web}\u0000`] }],
    ['no_uri_san', { dns: [`web, URI:${web}`] }],
    ['no_path', { uris: ['spiffe://example.org'] }],
    ['is_ca', { uris: [web], isCa: true }],
  ])('%s: %j', async (problem, options) => {
    expect(svidFromPem(await leafPem(options))).toMatchObject({ problem })
  })

  test('is_ca: the chain in the wrong order', async () => {
    expect(svidFromPem(ca.certificatePem + (await leafPem({ uris: [web] })))).toMatchObject({ problem: 'is_ca' })
  })
})

describe('a text that is no certificate', () => {
  const { certificate } = recordedPems('csi/cr-issued.json')
  const lines = certificate.split('\n')
  const half = lines.slice(0, 5).join('\n')
  const notDer = certificate.replace('MII', 'AAA')
  test.each([
    ['nothing', '', 'malformed_pem', 'no PEM block of type CERTIFICATE'],
    ['text', 'not PEM at all', 'malformed_pem', 'no PEM block of type CERTIFICATE'],
    ['a CSR', recordedPems('csi/cr-issued.json').csr, 'malformed_pem', 'no PEM block of type CERTIFICATE'],
    ['half a leaf', half, 'malformed_pem', 'certificate 1 has no END line'],
    ['half a chain', certificate + half, 'malformed_pem', 'certificate 2 has no END line'],
    ['no base64', certificate.replace('MII', '!!!'), 'malformed_pem', 'certificate 1 is not base64'],
    ['too many', certificate.repeat(21), 'malformed_pem', 'more than 20 certificates'],
    ['a leaf of noise', notDer, 'malformed_certificate', 'certificate 1 is not an X.509 certificate'],
    ['a chain of noise', certificate + notDer, 'malformed_certificate', 'certificate 2 is not an X.509 certificate'],
  ])('%s', (_what, pem, problem, detail) => {
    expect(svidFromPem(pem)).toEqual({ problem, detail })
  })

  test.each(['notBefore', 'notAfter'])('a %s that is no time, or of the year 0', (name) => {
    const { raw, validFromDate, validToDate } = new X509Certificate(certificate)
    const date = name === 'notBefore' ? validFromDate : validToDate
    const time = date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')
    for (const bad of ['261322000000', '000001010000', '260230000000', '26010100000x']) {
      const der = raw.toString('latin1').replace(`${time}Z`, `${bad}Z`)
      const pem = pemOfDer(Buffer.from(der, 'latin1').toString('base64'))
      expect(svidFromPem(pem)).toMatchObject({ problem: 'malformed_certificate' })
    }
  })

  test('cut off anywhere, it is never taken for an SVID', () => {
    const end = certificate.indexOf('-----END CERTIFICATE-----') + '-----END CERTIFICATE-----'.length
    for (let length = 0; length < end; length += 1) {
      expect(svidFromPem(certificate.slice(0, length))).toHaveProperty('problem')
    }
  })

  test('with any one byte changed, it is an SVID or a problem, and nothing is thrown', () => {
    const der = new X509Certificate(certificate).raw
    for (let index = 0; index < der.length; index += 1) {
      const changed = Buffer.from(der)
      changed[index] = (der[index] ?? 0) ^ 0xff
      const pem = `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----\n`
      const result = svidFromPem(pem)
      if ('svid' in result) expect(Number.isFinite(result.svid.notBeforeMs + result.svid.notAfterMs)).toBe(true)
      else expect(result.detail).toMatch(/^[ -~]+$/)
    }
  })
})
