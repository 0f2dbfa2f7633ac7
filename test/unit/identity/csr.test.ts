import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from '@peculiar/x509'
import { beforeAll, expect, test } from 'vitest'
import { spiffeIdFromCsr } from '../../../src/identity/csr.ts'
import { recordedPems } from '../../support/fixtures.ts'

const web = 'spiffe://example.org/ns/team-a/sa/web'
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

let keys: webcrypto.CryptoKeyPair
beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
})

async function csrPem(names: JsonGeneralName[], isCa = false): Promise<string> {
  const csr = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(isCa), new SubjectAlternativeNameExtension(names)],
  })
  return csr.toString('pem')
}

test.each(['cr-issued', 'cr-pending', 'cr-denied-dns', 'cr-lying-annotation'])('%s as recorded', (name) => {
  expect(spiffeIdFromCsr(recordedPems(`csi/${name}.json`).csr)).toEqual({
    spiffeId: web,
    trustDomain: 'example.org',
    isCa: false,
  })
})

test('one that asks for a CA certificate', async () => {
  expect(spiffeIdFromCsr(await csrPem([{ type: 'url', value: web }], true))).toMatchObject({ isCa: true })
})

test.each<[string, JsonGeneralName[]]>([
  ['no_uri_san', [{ type: 'dns', value: 'web' }]],
  [
    'many_uri_sans',
    [
      { type: 'url', value: web },
      { type: 'url', value: 'https://example.org' },
    ],
  ],
  ['invalid_spiffe_id', [{ type: 'url', value: 'spiffe://example.org/a/../b' }]],
  ['no_path', [{ type: 'url', value: 'spiffe://example.org' }]],
])('%s: %j', async (problem, names) => {
  expect(spiffeIdFromCsr(await csrPem(names))).toMatchObject({ problem })
})

test.each(['', 'not PEM', recordedPems('csi/cr-issued.json').certificate, 'A'.repeat(70_000)])(
  '%#: what is no signing request is unparsable',
  (text) => {
    const result = spiffeIdFromCsr(text)
    expect(result).toMatchObject({ problem: 'csr_unparsable' })
    expect('detail' in result && result.detail.length).toBeLessThan(300)
  },
)
