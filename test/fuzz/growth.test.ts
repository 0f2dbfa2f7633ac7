import { test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { bundleFromJson } from '../../src/identity/bundleDocument.ts'
import { spiffeIdFromCsr } from '../../src/identity/csr.ts'
import { parseSpiffeId } from '../../src/identity/spiffeId.ts'
import { urisFromSubjectAltName } from '../../src/identity/subjectAltNames.ts'
import { trustFromPem } from '../../src/identity/trustBundle.ts'
import { issuedSvidFromPem, svidFromPem } from '../../src/identity/x509Svid.ts'
import { metaOf } from '../../src/kubernetes/json.ts'
import { printable } from '../../src/text/printable.ts'
import { parseCheckpoint } from '../../src/ledger/issuance/checkpoint.ts'
import { parseMemory } from '../../src/ledger/memory.ts'
import { negotiateFormat } from '../../src/metrics/negotiate.ts'
import { decodeLine } from '../../src/nodeStream/lines.ts'
import { readProblemQuery } from '../../src/server/problemQuery.ts'
import { readSvidQuery } from '../../src/server/svidQuery.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { parseMountinfo } from '../../src/sources/mountedSvids/mountinfo.ts'
import { driverFromVolumeData } from '../../src/sources/mountedSvids/volumeData.ts'
import { expectLinear } from './support/growth.ts'
import { certificatePems } from './support/recorded.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'
const [certificate = ''] = certificatePems

/** Texts that are made of `count` pieces, each of which could be where a careless parser starts anew. */
const shapes: Readonly<Record<string, (count: number) => string>> = {
  dashes: (count) => '-'.repeat(count),
  'line ends': (count) => '\r\n'.repeat(count),
  blanks: (count) => ' '.repeat(count),
  quotes: (count) => '"'.repeat(count),
  backslashes: (count) => `"${'\\'.repeat(count)}`,
  colons: (count) => '://'.repeat(count),
  'labels without an end': (count) => '-----A'.repeat(count),
  'beginnings of certificates': (count) => `${begin}\n`.repeat(count),
  'beginnings of blocks on one line': (count) => '-----BEGIN '.repeat(count),
  'beginnings of blocks that are none': (count) => '-----BEGIN A\n'.repeat(count),
  'dashes behind a beginning': (count) => `-----BEGIN ${'-----\u00e9'.repeat(count)}`,
  'headers of a key': (count) => `-----BEGIN KEY-----\n${'a: b\n'.repeat(count)}-----END KEY-----\n`,
  'empty certificates': (count) => `${begin}\n${end}\n`.repeat(count),
  'base64 of a certificate that never ends': (count) => begin + 'A'.repeat(count),
  'a certificate behind a long text': (count) => 'text\n'.repeat(count) + certificate,
  brackets: (count) => '['.repeat(count),
  braces: (count) => '{"a":'.repeat(count),
  'nested arrays': (count) => '['.repeat(count) + ']'.repeat(count),
  members: (count) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`,
  'the same member': (count) => `{${'"k":1,'.repeat(count)}"k":1}`,
  'numbers in an array': (count) => `[${'1,'.repeat(count)}1]`,
  'keys of a bundle': (count) => `{"keys":[${'{"kty":"EC"},'.repeat(count)}{}]}`,
  'strings before blanks': (count) => `[${'"a"   ,'.repeat(count)}1]`,
  digits: (count) => `{"spiffe_sequence":${'9'.repeat(count)}}`,
  slashes: (count) => `spiffe://example.org${'/a'.repeat(count)}`,
  commas: (count) => 'URI:"a", '.repeat(count),
  semicolons: (count) => 'a;q=1,'.repeat(count) + '"'.repeat(count),
  'mounts on one point': (count) => '1 2 0:1 / /a rw\n'.repeat(count),
  'escapes in a mount point': (count) => `1 2 0:1 / ${'\\040'.repeat(count)} rw\n`,
}

const metadata = { uid: 'u', name: 'r', namespace: 'team-a', resourceVersion: '7' }
const base64Of = (text: string) => Buffer.from(text).toString('base64')

function refusalOr(read: () => unknown): unknown {
  try {
    return read()
  } catch (refusal) {
    return refusal
  }
}

/** Every text parser, whatever the text is meant for. */
const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  svidFromPem,
  issuedSvidFromPem,
  trustFromPem,
  spiffeIdFromCsr,
  bundleFromJson,
  parseSpiffeId,
  urisFromSubjectAltName,
  driverFromVolumeData,
  parseMountinfo,
  decodeLine,
  parseCheckpoint,
  parseMemory,
  negotiateFormat,
  printable,
  projectRequest: (text) => {
    const encoded = base64Of(text).slice(0, 262_144)
    const spec = { request: encoded, issuerRef: { name: 'ca' } }
    return projectRequest({ metadata, spec, status: { certificate: base64Of(certificate), ca: encoded } })
  },
  metaOf: (text) => metaOf({ metadata: { name: text, namespace: text, uid: text } }),
  readSvidQuery: (text) => refusalOr(() => readSvidQuery({ continue: text, namespace: text })),
  readProblemQuery: (text) => refusalOr(() => readProblemQuery({ continue: text, issuer: text })),
}

test.each(Object.entries(parsers))('%s takes time that grows with its input', (_name, parse) => {
  for (const shape of Object.values(shapes)) {
    expectLinear(4_000, (count) => parse(shape(count)))
  }
})

test('a configuration of many keys takes time that grows with it', () => {
  expectLinear(2_000, (count) => resolveConfig(shapes.members?.(count), 'a.yaml'))
})

test('a configuration takes time that grows with how deep it is nested', () => {
  expectLinear(250, (count) => resolveConfig(`${'{"a":'.repeat(count)}1${'}'.repeat(count)}`, 'a.yaml'))
})

test.each(['colons', 'quotes', 'brackets', 'blanks'])('a configuration of %s takes time that grows with it', (name) => {
  const shape = shapes[name]
  expectLinear(4_000, (count) => resolveConfig(`roles: '${shape?.(count).replaceAll("'", '')}'\n`, 'a.yaml'))
})
