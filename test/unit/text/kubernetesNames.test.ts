import { describe, expect, it } from 'vitest'
import { issuerName, issuerPattern, objectNamePattern } from '../../../src/text/kubernetesNames.ts'

describe('the name of a Kubernetes object', () => {
  it.each(['a', '0', 'spiffe-ca', 'ca.example.org', 'a'.repeat(253), '1-2.3'])('can be %s', (name) => {
    expect(name).toMatch(objectNamePattern)
  })

  it.each(['', 'A', '-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'a/b', 'a b', 'a\n', 'a'.repeat(254)])(
    'is never %j',
    (name) => {
      expect(name).not.toMatch(objectNamePattern)
    },
  )
})

it.each([
  ['Issuer/team-a/ca', {}],
  ['ClusterIssuer/ca', { kind: 'ClusterIssuer' }],
  ['Issuer.example.org/ca', { group: 'example.org' }],
  ['Issuer/team-a/ca', { kind: 'Issuer', group: 'cert-manager.io' }],
  ['invalid_name', { name: '' }],
  ['invalid_name', { name: 'team-b/ca' }],
  ['invalid_name', { kind: 'Issuer.example.org' }],
  ['invalid_name', { kind: '-' }],
  ['invalid_name', { group: 'example..org' }],
])('the name of an issuer is %s for %j', (name, reference) => {
  const given = issuerName({ kind: '', group: '', name: 'ca', ...reference }, 'team-a')
  expect(given).toBe(name)
  expect(given).toMatch(issuerPattern)
})
