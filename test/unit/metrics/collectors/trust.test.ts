import { expect, it } from 'vitest'
import type { TrustView } from '../../../../src/ledger/trust/view.ts'
import { maxAuthorities, maxTrustDomains } from '../../../../src/metrics/catalogue/trust.ts'
import { namesOf } from '../../../../src/metrics/catalogue.ts'
import { trustMetrics } from '../../../../src/metrics/catalogue/trust.ts'
import { samplesOf, scrapeText } from '../../../support/exposition.ts'
import { authorityView, copiesView, diagnosesOfTrust } from '../../../support/fakeDiagnoses.ts'
import type { LedgerData } from '../../../support/fakeLedger.ts'

const nodes = copiesView()
const [oldCa, newCa] = ['a'.repeat(40), 'b'.repeat(40)]
const ofOld = `trust_domain="example.org",authority="${oldCa}"`
const ofNew = `trust_domain="example.org",authority="${newCa}"`

const refused = {
  ...{ pairs: 12, volumes: 4, areSeveralPods: true },
  ...{ ownSinceMs: undefined, newestBesideMs: 0 },
}
const holders = {
  volume: { total: 30, trusting: 20, lacking: [] },
  node: { total: 3, trusting: 2, lacking: [] },
  namespace: { total: 5, trusting: 5, lacking: [] },
}

/** The new CA signs, and a third of the volumes lacks it. */
const rotation: Partial<TrustView> = {
  domains: [
    {
      trustDomain: 'example.org',
      authorities: [
        authorityView({ keyId: newCa, svids: 3, holders, refused }),
        authorityView({ keyId: oldCa, svids: 27, signs: false, notAfterMs: undefined }),
      ],
      nodes,
    },
  ],
}

const copies: Partial<TrustView> = {
  bundles: [
    copiesView({ current: 4, different: { count: 2, first: [] }, unreadable: { count: 1, first: [] } }),
    copiesView({ name: 'broken', current: 0, firstEndMs: undefined }),
  ],
}

const scrapeOf = (trust: Partial<TrustView>, data: LedgerData = {}) =>
  scrapeText(data, { diagnoses: diagnosesOfTrust(trust) })

it.each<[string, Partial<TrustView>, string, readonly string[]]>([
  [
    'who holds an authority, and who does not',
    { domains: rotation.domains?.map((one) => ({ ...one, authorities: one.authorities.slice(0, 1) })) ?? [] },
    'spiffe_authority_holders',
    [
      `{${ofNew},holder="volume",trusting="true"} 20`,
      `{${ofNew},holder="volume",trusting="false"} 10`,
      `{${ofNew},holder="node",trusting="true"} 2`,
      `{${ofNew},holder="node",trusting="false"} 1`,
      `{${ofNew},holder="namespace",trusting="true"} 5`,
      `{${ofNew},holder="namespace",trusting="false"} 0`,
    ],
  ],
  ['how many SVIDs each has signed', rotation, 'spiffe_authority_svids', [`{${ofNew}} 3`, `{${ofOld}} 27`]],
  ['which one signs', rotation, 'spiffe_authority_signing', [`{${ofNew}} 1`, `{${ofOld}} 0`]],
  [
    'when its certificate ends, if a bundle has one',
    rotation,
    'spiffe_authority_not_after_timestamp_seconds',
    [`{${ofNew}} ${Date.UTC(2026, 10, 23) / 1000}`],
  ],
  ['the pairs that fail, zero included', rotation, 'spiffe_authority_refused_pairs', [`{${ofNew}} 12`, `{${ofOld}} 0`]],
  [
    'the copies of each bundle by state',
    copies,
    'spiffe_trust_bundle_copies',
    [
      '{bundle="spiffe-trust",state="current"} 4',
      '{bundle="spiffe-trust",state="different"} 2',
      '{bundle="spiffe-trust",state="unreadable"} 1',
      '{bundle="broken",state="current"} 0',
      '{bundle="broken",state="different"} 0',
      '{bundle="broken",state="unreadable"} 0',
    ],
  ],
  [
    'when the first authority of each bundle ends',
    copies,
    'spiffe_trust_bundle_first_not_after_timestamp_seconds',
    [`{bundle="spiffe-trust"} ${Date.UTC(2026, 10, 23) / 1000}`],
  ],
])('tells %s', async (_, trust, family, lines) => {
  expect(samplesOf(await scrapeOf(trust), family)).toEqual(lines.map((line) => `${family}${line}`))
})

it('tells whether trust-manager has synced its objects, once it says so', async () => {
  const synced = { is: true, reason: 'Synced', message: '' }
  const text = await scrapeOf(
    {},
    {
      bundleObjects: [
        { api: 'Bundle', name: 'one', synced },
        { api: 'ClusterBundle', name: 'two', synced: { ...synced, is: false } },
        { api: 'Bundle', name: 'new' },
      ],
    },
  )
  expect(samplesOf(text, 'spiffe_trust_bundle_synced')).toEqual([
    'spiffe_trust_bundle_synced{bundle="Bundle/one"} 1',
    'spiffe_trust_bundle_synced{bundle="ClusterBundle/two"} 0',
  ])
})

it('tells nothing of trust where nothing is known', async () => {
  const text = await scrapeOf({})
  for (const family of namesOf(trustMetrics)) expect(samplesOf(text, family)).toEqual([])
})

it('names the authorities that are used most, and counts those that have no place', async () => {
  const authorities = (svids: number) =>
    Array.from({ length: maxAuthorities + 1 }, (_, index) => authorityView({ keyId: index.toString(16), svids }))
  const domains = Array.from({ length: maxTrustDomains + 1 }, (_, index) => ({
    trustDomain: `td-${index}.example`,
    authorities: authorities(index === maxTrustDomains ? 2 : 1),
    nodes,
  }))
  const text = await scrapeOf({ domains })
  const samples = samplesOf(text, 'spiffe_authority_svids') ?? []
  expect(samples).toHaveLength(maxTrustDomains * maxAuthorities)
  expect(samples[0]).toBe('spiffe_authority_svids{trust_domain="td-64.example",authority="0"} 2')
  const all = (maxTrustDomains + 1) * (maxAuthorities + 1)
  expect(samplesOf(text, 'svidwatch_without_place')).toContain(
    `svidwatch_without_place{kind="authority"} ${all - samples.length}`,
  )
})
