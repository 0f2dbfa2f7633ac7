import assert from 'node:assert/strict'
import { test } from 'vitest'
import { isBundleEndpointUrl } from '../../src/identity/bundleEndpointUrl.ts'
import { parseSpiffeId } from '../../src/identity/spiffeId.ts'
import { urisFromSubjectAltName } from '../../src/identity/subjectAltNames.ts'
import { fuzz } from './support/fuzz.ts'
import { mutated } from './support/mutate.ts'
import { assertRefusal } from './support/oracles.ts'
import { textMutation } from './support/text.ts'
import { rejectionReasons } from '../../src/ledger/sight/reasons.ts'

/** SPIFFE-ID section 2, as one pattern. */
const spiffeId = /^spiffe:\/\/[a-z0-9._-]{1,255}(?<path>(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*)$/

test('SPIFFE IDs', () => {
  const ids = ['spiffe://example.org/ns/team-a/sa/web', 'spiffe://example.org', 'spiffe://a.b/..c/d.e/_-']
  return fuzz(mutated(ids, textMutation), (text) => {
    const id = parseSpiffeId(text)
    const match = text.length <= 2048 ? spiffeId.exec(text) : null
    if ('problem' in id) {
      assert.equal(match, null)
      return assertRefusal(id, rejectionReasons)
    }
    assert.equal(id.path, match?.groups?.path)
    assert.equal(`spiffe://${id.trustDomain}${id.path}`, text)
  })
})

test('subject alternative names', () => {
  const names = [
    'URI:spiffe://example.org/web, DNS:web.team-a, IP Address:10.0.0.1',
    'URI:"spiffe://example.org/web\\u002c URI:b", othername:<unsupported>',
  ]
  return fuzz(mutated(names, textMutation), (text) => {
    const uris = urisFromSubjectAltName(text)
    if (uris !== undefined) assert.ok(uris.length <= text.split('URI:').length)
  })
})

test('URLs of bundle endpoints', () => {
  return fuzz(mutated(['https://spire.partner.example:8443/bundle?a=b#c', 'https://[::1]/'], textMutation), (text) => {
    if (!isBundleEndpointUrl(text)) return
    const { protocol, username, password, host } = new URL(text)
    assert.deepEqual([protocol, username, password], ['https:', '', ''])
    assert.notEqual(host, '')
  })
})
