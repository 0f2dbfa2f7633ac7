import { webcrypto, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { signerOf } from '../../../src/identity/signer.ts'
import { plainLeaf } from '../../../src/identity/plainLeaf.ts'
import { urisFromSubjectAltName } from '../../../src/identity/subjectAltNames.ts'
import { pemOfDer } from '../../../src/identity/x509Authority.ts'
import { recordedPems } from '../../support/fixtures.ts'
import { createTestCa, type TestCa } from '../../support/testCa.ts'

const web = 'spiffe://example.org/ns/team-a/sa/web'
const recorded = recordedPems('csi/cr-issued.json').certificate.trim()

let ca: TestCa
let keys: webcrypto.CryptoKeyPair
beforeAll(async () => {
  ca = await createTestCa()
  keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
})

/** What node:crypto reads; undefined where it reads no certificate, or that of a CA. */
function readByOther(pem: string): ReturnType<typeof plainLeaf> {
  try {
    const { raw, ca: isCa, subjectAltName = '', validFromDate, validToDate } = new X509Certificate(pem)
    const uris = urisFromSubjectAltName(subjectAltName) ?? []
    return isCa
      ? undefined
      : {
          der: raw,
          uris,
          notBeforeMs: validFromDate.getTime(),
          notAfterMs: validToDate.getTime(),
          signer: signerOf(raw),
        }
  } catch {
    return undefined
  }
}

const wrapped = (der: Buffer): string => pemOfDer(der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')).trim()

test('one that cert-manager issued', () => {
  expect(plainLeaf(recorded)).toMatchObject({ uris: [web], notAfterMs: Date.parse('2026-11-22T08:02:41Z') })
  expect(plainLeaf(recorded)).toEqual(readByOther(recorded))
})

test('one that is valid from the Unix epoch on', async () => {
  const { certificatePem } = await ca.issue({ uris: [web], notBefore: new Date(0), notAfter: new Date(1000), keys })
  expect(plainLeaf(certificatePem.trim())).toMatchObject({ notBeforeMs: 0, notAfterMs: 1000 })
})

const uri = fc.oneof(fc.constant(web), fc.webUrl(), fc.string({ maxLength: 20 }))
const names = fc.record({
  uris: fc.array(uri, { maxLength: 3 }),
  dns: fc.constantFrom([], [], ['web.team-a', 'web']),
  ips: fc.constantFrom([], [], ['10.0.0.1']),
})
/** In whole seconds, from 1950 to 9999. */
const date = fc.integer({ min: -631_152_000, max: 253_402_300_799 }).map((seconds) => new Date(seconds * 1000))

test('whatever it says, it is read as node:crypto reads it, or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(names, date, date, fc.boolean(), async ({ uris, dns, ips }, notBefore, notAfter, isCa) => {
      const { certificatePem } = await ca.issue({ uris, dns, ips, notBefore, notAfter, isCa, keys })
      const pem = certificatePem.trim()
      const isPlain = !isCa && uris.length > 0 && dns.length === 0 && ips.length === 0
      expect(plainLeaf(pem)).toEqual(isPlain ? readByOther(pem) : undefined)
    }),
    { numRuns: 100 },
  )
})

test('with any one byte changed, it says what node:crypto says of it, where that can read it', () => {
  const { raw } = new X509Certificate(recorded)
  for (let index = 0; index < raw.length; index += 1) {
    for (const change of [0x01, 0x80, 0xff]) {
      const der = Buffer.from(raw)
      der[index] = (raw[index] ?? 0) ^ change
      const pem = wrapped(der)
      const [read, other] = [plainLeaf(pem), readByOther(pem)]
      if (read && other) expect(read).toEqual(other)
    }
  }
})

test.each([
  ['lines of another length', (pem: string) => pem.replace('\n', '\n\n')],
  ['Windows line ends', (pem: string) => pem.replaceAll('\n', '\r\n')],
  ['one long line', (pem: string) => pemOfDer(new X509Certificate(pem).raw.toString('base64')).trim()],
  ['octets behind it', (pem: string) => wrapped(Buffer.concat([new X509Certificate(pem).raw, Buffer.alloc(3)]))],
])('%s: node:crypto has to decide', (_what, change) => {
  expect(plainLeaf(change(recorded))).toBeUndefined()
})
