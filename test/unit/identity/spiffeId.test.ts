import { describe, expect, test } from 'vitest'
import { parseSpiffeId, workloadIdFromUris } from '../../../src/identity/spiffeId.ts'

const longest = `spiffe://example.org/${'a'.repeat(2048 - 'spiffe://example.org/'.length)}`

describe('parseSpiffeId accepts', () => {
  test.each([
    ['spiffe://example.org/ns/team-a/sa/web', 'example.org', '/ns/team-a/sa/web'],
    ['spiffe://example.org', 'example.org', ''],
    ['spiffe://1.2.3.4/web', '1.2.3.4', '/web'],
    ['spiffe://a_b-c.d/A_b-C.9', 'a_b-c.d', '/A_b-C.9'],
    ['spiffe://example.org/...', 'example.org', '/...'],
    [`spiffe://${'a'.repeat(255)}/web`, 'a'.repeat(255), '/web'],
    [longest, 'example.org', longest.slice('spiffe://example.org'.length)],
  ])('%s', (spiffeId, trustDomain, path) => {
    expect(parseSpiffeId(spiffeId)).toEqual({ spiffeId, trustDomain, path })
  })
})

describe('parseSpiffeId refuses', () => {
  const domainCharacters = 'its trust domain has characters other than a-z, 0-9, ".", "-" and "_"'
  const pathCharacters = 'its path has characters other than A-Z, a-z, 0-9, ".", "-" and "_"'
  test.each([
    ['', 'does not begin with spiffe://'],
    ['https://example.org/web', 'does not begin with spiffe://'],
    ['SPIFFE://example.org/web', 'does not begin with spiffe://'],
    ['spiffe:/example.org/web', 'does not begin with spiffe://'],
    ['spiffe://', 'has no trust domain'],
    ['spiffe:///web', 'has no trust domain'],
    ['spiffe://Example.org/web', domainCharacters],
    ['spiffe://user@example.org/web', domainCharacters],
    ['spiffe://example.org:8443/web', domainCharacters],
    ['spiffe://[::1]/web', domainCharacters],
    ['spiffe://ex%41mple.org/web', domainCharacters],
    ['spiffe://example.org?query', domainCharacters],
    ['spiffe://example.org#fragment', domainCharacters],
    [`spiffe://${'a'.repeat(256)}/web`, 'its trust domain is longer than 255 bytes'],
    ['spiffe://example.org/', 'its path ends with "/"'],
    ['spiffe://example.org/web/', 'its path ends with "/"'],
    ['spiffe://example.org//web', 'its path has an empty segment'],
    ['spiffe://example.org/a/./b', 'its path has a "." or ".." segment'],
    ['spiffe://example.org/a/..', 'its path has a "." or ".." segment'],
    ['spiffe://example.org/w%65b', pathCharacters],
    ['spiffe://example.org/web?query', pathCharacters],
    ['spiffe://example.org/web#fragment', pathCharacters],
    ['spiffe://example.org/wéb', pathCharacters],
    ['spiffe://example.org/web\n', pathCharacters],
    [`${longest}a`, 'is longer than 2048 bytes'],
  ])('%j', (uri, rule) => {
    const parsed = parseSpiffeId(uri)
    expect(parsed).toMatchObject({ problem: 'invalid_spiffe_id' })
    expect('detail' in parsed && parsed.detail.endsWith(`": ${rule}`)).toBe(true)
  })

  test('with a detail that is one short line of printable ASCII', () => {
    const parsed = parseSpiffeId(`spiffe://example.org/${'\u001b[31m\r\n\u202e"'.repeat(1000)}`)
    expect('detail' in parsed && parsed.detail).toMatch(/^[ -~]{1,400}$/)
  })
})

test.each([
  [[], 'no_uri_san'],
  [['spiffe://example.org/a', 'spiffe://example.org/b'], 'many_uri_sans'],
  [['https://example.org/a'], 'invalid_spiffe_id'],
  [['spiffe://example.org'], 'no_path'],
])('the URIs %j name no workload: %s', (uris, problem) => {
  expect(workloadIdFromUris(uris)).toMatchObject({ problem })
})
