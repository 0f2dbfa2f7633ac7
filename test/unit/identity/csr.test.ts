import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ChallengePasswordAttribute,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type Extension,
  type JsonGeneralName,
} from '@peculiar/x509'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { spiffeIdFromCsr } from '../../../src/identity/csr.ts'
import { workloadIdFromUris } from '../../../src/identity/spiffeId.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { dns, signedAnew, signingRequestFor, url, type LargeAlgorithm } from '../../support/signingRequests.ts'

const web = 'spiffe://example.org/ns/team-a/sa/web'
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

let keys: webcrypto.CryptoKeyPair
beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
})

test.each(['cr-issued', 'cr-pending', 'cr-denied-dns', 'cr-lying-annotation'])('%s as recorded', (name) => {
  expect(spiffeIdFromCsr(recordedPems(`csi/${name}.json`).csr)).toEqual({
    spiffeId: web,
    trustDomain: 'example.org',
    isCa: false,
  })
})

test('one that asks for a CA certificate', async () => {
  expect(spiffeIdFromCsr(await signingRequestFor([{ type: 'url', value: web }], true))).toMatchObject({ isCa: true })
})

test.each<[string, boolean, JsonGeneralName[]]>([
  ['no_uri_san', false, [dns('web')]],
  ['many_uri_sans', true, [url('https://example.org'), url(web)]],
  ['many_uri_sans', false, [url('https://example.org'), url('https://example.org/b')]],
  ['invalid_spiffe_id', true, [url('spiffe://example.org/a/../b')]],
  ['invalid_spiffe_id', true, [url('SPIFFE://example.org/a')]],
  ['invalid_spiffe_id', false, [url('https://example.org')]],
  ['no_path', true, [url('spiffe://example.org')]],
])('%s (of SPIFFE: %s): %j', async (problem, isSpiffe, names) => {
  expect(spiffeIdFromCsr(await signingRequestFor(names))).toMatchObject({ problem, isSpiffe, isCa: false })
  expect(spiffeIdFromCsr(await signingRequestFor(names, true))).toMatchObject({ problem, isSpiffe, isCa: true })
})

test.each<LargeAlgorithm>(['ml-dsa-87', 'slh-dsa-sha2-256f'])('one with a key of %s', async (algorithmName) => {
  const pem = signedAnew(await signingRequestFor([url(web)]), algorithmName)
  expect(pem.length).toBeGreaterThan(8_192)
  expect(spiffeIdFromCsr(pem)).toMatchObject({ spiffeId: web })
})

test('one with 1,000 names', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => dns(`web-${index}.team-a.svc.cluster.local`))
  expect(spiffeIdFromCsr(await signingRequestFor([...names, url(web)]))).toMatchObject({ spiffeId: web })
})

test.each(['', 'not PEM', recordedPems('csi/cr-issued.json').certificate, 'A'.repeat(140_000)])(
  '%#: what is no signing request is unparsable',
  (text) => {
    const result = spiffeIdFromCsr(text)
    expect(result).toMatchObject({ problem: 'csr_unparsable' })
    expect('detail' in result && result.detail.length).toBeLessThan(300)
  },
)

const uri = fc.constantFrom(
  web,
  'spiffe://example.org/ns/b',
  'spiffe://example.org',
  'https://example.org',
  'spiffe://É/a',
)
const name: fc.Arbitrary<JsonGeneralName> = fc.oneof(
  uri.map((value) => ({ type: 'url', value }) as const),
  fc.constant({ type: 'dns', value: 'web.example.org' } as const),
  fc.constant({ type: 'ip', value: '10.0.0.1' } as const),
  fc.constant({ type: 'email', value: 'web@example.org' } as const),
)
const extension: fc.Arbitrary<Extension> = fc.oneof(
  fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map((of) => new SubjectAlternativeNameExtension(...of)),
  fc
    .tuple(fc.boolean(), fc.option(fc.nat(3), { nil: undefined }), fc.boolean())
    .map(([isCa, pathLength, critical]) => new BasicConstraintsExtension(isCa, pathLength, critical)),
  fc.boolean().map((critical) => new KeyUsagesExtension(KeyUsageFlags.digitalSignature, critical)),
)
const kinds = fc.uniqueArray(extension, { maxLength: 3, selector: ({ type }) => type })

/** What @peculiar/x509 finds in a request: its URIs, and whether it asks for a CA certificate. */
function readByOther(pem: string): { uris: string[]; isCa: boolean } {
  const { extensions } = new Pkcs10CertificateRequest(pem)
  const names = extensions.filter((one) => one instanceof SubjectAlternativeNameExtension)
  const uris = names.flatMap((one) => one.names.items.filter(({ type }) => type === 'url').map(({ value }) => value))
  return { uris, isCa: extensions.some((one) => one instanceof BasicConstraintsExtension && one.ca) }
}

test('whatever it asks for, it is read as another library reads it', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.string({ maxLength: 20 }), fc.boolean(), async (extensions, subject, hasPassword) => {
      const pem = (
        await Pkcs10CertificateRequestGenerator.create({
          keys,
          signingAlgorithm: algorithm,
          // The library takes what begins with # for hex (RFC 4514 section 2.4), and cannot write two quotes in a row.
          name: [{ CN: [`web${subject.replaceAll('"', '')}`] }],
          attributes: hasPassword ? [new ChallengePasswordAttribute('secret')] : [],
          extensions,
        })
      ).toString('pem')
      const { uris, isCa } = readByOther(pem)
      const id = workloadIdFromUris(uris)
      const isSpiffe = uris.some((value) => value.startsWith('spiffe:'))
      const expected =
        'problem' in id ? { ...id, isCa, isSpiffe } : { spiffeId: id.spiffeId, trustDomain: id.trustDomain, isCa }
      expect(spiffeIdFromCsr(pem)).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})

test('one that is cut off anywhere is unparsable', () => {
  const { csr } = recordedPems('csi/cr-issued.json')
  const der = Buffer.from(csr.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64')
  const cutAt = (length: number) => {
    const base64 = der.subarray(0, length).toString('base64')
    return spiffeIdFromCsr(`-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`)
  }
  expect(cutAt(der.length)).toMatchObject({ spiffeId: web })
  for (let length = 0; length < der.length; length += 1)
    expect(cutAt(length)).toMatchObject({ problem: 'csr_unparsable' })
})
