import { describe, expect, it } from 'vitest'
import { denialOf, failureOf, waitOf } from '../../../../src/sources/certificateRequests/denials.ts'

const driver = 'spiffe.csi.cert-manager.io'
const reasonOf = (message: string, approver = driver) => denialOf(`Denied request: ${message}`, approver).reason
const wrongDomain =
  'unexpected SPIFFE ID requested, exp="spiffe://example.org/ns/team-a/sa/web" got="spiffe://other.example/ns/team-a/sa/web"'

describe('the code of a denial', () => {
  it.each([
    ['[forbidden extension: 1.2.3.4, forbidden key usage: [3 2 7 255]]', 'denied_forbidden_extension'],
    ['[forbidden extended key usage: 1.2.3, forbidden extension: 1.2.3.4]', 'denied_key_usage'],
    ['[[forbidden extended key usage: 1.2.3, forbidden extended key usage: 1.2.4], x]', 'denied_key_usage'],
    ['[failed to parse extended key usages: asn1: syntax error, forbidden extension: 1.2.3]', 'denied_key_usage'],
    ['[non uri san extension given: web.example.org, forbidden extension: 1.2.3]', 'denied_not_uri_san'],
    ['san extension is incorrectly encoded: [1 2 3]', 'denied_csr_unparsable'],
    ['failed to parse request: asn1: structure error', 'denied_csr_unparsable'],
    ['signature check failed for csr: x509: ECDSA verification failure', 'denied_signature'],
    ['expected exactly 1 SPIFFE URI present on request, got=2', 'denied_uri_count'],
    ['URI scheme is not spiffe: https', 'denied_uri_scheme'],
    ['request must be made by the csi-driver-spiffe ServiceAccount, exp="a" got="b"', 'denied_username'],
    ['unexpected trust domain, exp="example.org" got="other.example"', 'denied_trust_domain'],
    ['non-SPIFFE certificate request contains SPIFFE URI SAN', 'denied_not_spiffe_request'],
    ['the request asks for a trust domain that is not ours', 'denied_trust_domain'],
    ['not today', 'denied_other'],
  ])('is that of the first finding in "%s": %s', (message, reason) => {
    expect(reasonOf(message)).toBe(reason)
    expect(denialOf(message, 'another approver').reason).toBe(reason)
  })

  it.each([
    ['forbidden extensions, DNS=["unexpected trust domain"] IPs=[]', 'denied_forbidden_names'],
    ['refused: got="a \\" signature" of "unexpected SPIFFE ID', 'denied_other'],
    ['[non uri san extension given: forbidden key usage]', 'denied_not_uri_san'],
  ])('does not follow what the requester has put into "%s"', (message, reason) => {
    expect(reasonOf(message)).toBe(reason)
  })

  it('is that of approver-policy, whatever its policies object to, also where another approver passes it on', () => {
    const message =
      'No policy approved this request: [spiffe: spec.allowed.uris: Invalid value: "spiffe://a/b": c] [x: y]'
    expect(denialOf('something new about key usages', 'policy.cert-manager.io')).toEqual({ reason: 'denied_policy' })
    expect(denialOf(message, 'another approver')).toEqual({ reason: 'denied_policy' })
  })
})

describe('the trust domains of a denial', () => {
  it.each([
    [wrongDomain],
    [`[first, ${wrongDomain}]`],
    ['unexpected trust domain, exp="example.org" got="other.example"'],
    ['unexpected trust domain, exp="example.org", got="other.example"'],
  ])('are told where they differ in %s', (message) => {
    expect(denialOf(message, driver)).toEqual({
      reason: 'denied_trust_domain',
      trustDomains: { expected: 'example.org', requested: 'other.example' },
    })
  })

  it('are told of SPIFFE IDs of the greatest length, of which the message shows only one', () => {
    const path = `/ns/${'n'.repeat(63)}/sa/${'s'.repeat(253)}`
    const long = wrongDomain.replaceAll('/ns/team-a/sa/web', path)
    expect(denialOf(long, driver).trustDomains).toEqual({ expected: 'example.org', requested: 'other.example' })
  })

  it.each([
    ['of the same trust domain', wrongDomain.replace('other.example', 'example.org'), 'denied_spiffe_id'],
    ['that is none', wrongDomain.replace('other.example', 'other example'), 'denied_spiffe_id'],
    ['of no finding about identities', 'got non-serviceaccount encoded username: exp="a" got="b"', 'denied_username'],
  ])('are not told %s', (_, message, reason) => {
    expect(denialOf(message, driver)).toEqual({ reason })
  })
})

it.each([
  ['Error signing certificate: x509: bad key', 'failed_signing'],
  ['Vault failed to sign certificate: permission denied', 'failed_signing'],
  ['Annotation "cert-manager.io/sign" missing', 'failed_other'],
])('a failure with the message "%s" is %s', (message, reason) => {
  expect(failureOf(message)).toBe(reason)
})

it.each([
  ['Required secret resource not found: secret "vault-token" not found', 'issuer_secret_not_found'],
  ['[Referenced "ClusterIssuer" not found, x]', 'issuer_not_found'],
  ['The issuer is not ready yet', 'issuer_not_ready'],
])('a wait with the message "%s" is %s', (message, reason) => {
  expect(waitOf(message)).toBe(reason)
})
