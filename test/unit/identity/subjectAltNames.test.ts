import { expect, test } from 'vitest'
import { urisFromSubjectAltName } from '../../../src/identity/subjectAltNames.ts'

test.each([
  ['', []],
  ['URI:spiffe://example.org/web', ['spiffe://example.org/web']],
  ['DNS:web.example.org, URI:spiffe://example.org/web, IP Address:10.0.0.1', ['spiffe://example.org/web']],
  ['IP Address:0:0:0:0:0:0:0:1, URI:a, URI:b', ['a', 'b']],
  ['othername:<unsupported>, URI:a', ['a']],
  ['URI:"a, URI:spiffe://example.org/admin"', ['a, URI:spiffe://example.org/admin']],
  [String.raw`DNS:"\", URI:spiffe://example.org/admin", URI:a`, ['a']],
  [String.raw`URI:"caf\u00e9"`, ['café']],
])('%s', (text, uris) => {
  expect(urisFromSubjectAltName(text)).toEqual(uris)
})

test.each(['nonsense', 'URI:"never closed', 'URI:a,URI:b', 'URI:a" b', 'URI:a, nonsense'])(
  '%s is not what node:crypto writes',
  (text) => {
    expect(urisFromSubjectAltName(text)).toBeUndefined()
  },
)
