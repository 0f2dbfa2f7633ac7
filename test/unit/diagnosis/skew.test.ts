import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { TrustBundle } from '../../../src/identity/trustBundle.ts'
import type { BundleView } from '../../../src/ledger/bundles/view.ts'
import { bundleCopiesOf } from '../../../src/ledger/trust/bundleCopies.ts'
import type { BundleObjectView } from '../../../src/ledger/trust/view.ts'
import type { SourceStatus } from '../../../src/ledger/sight/view.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { bundleView, fakeLedger, issuedAtMs, sourceStatus } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { authority, bundleOf } from '../../support/observations.ts'
import { svidFacts } from '../../support/facts.ts'
import { mountedWith, signedCopy } from '../../support/trustFacts.ts'

const second = 1_000
const minute = 60 * second
const startMs = issuedAtMs + 20 * minute

const sha256 = (der: string) => createHash('sha256').update(der).digest('hex')
const [oldCa, newCa, otherCa] = ['a', 'b', 'c'].map((name) => authority(name, { fingerprint: sha256(name) }))
if (!oldCa || !newCa || !otherCa) throw new Error('three authorities are needed')
const [oldBundle, bothBundle, otherBundle] = [bundleOf(oldCa), bundleOf(oldCa, newCa), bundleOf(otherCa)]

const noCertificates = { problem: 'no_certificates', detail: '' } as const

const copy = (namespace: string, bundle: TrustBundle | undefined, changedMs = startMs, name = 'spiffe-trust') =>
  ({ name, namespace, content: bundle ? { bundle } : noCertificates, sinceMs: changedMs }) as const

interface World {
  copies?: Parameters<typeof bundleCopiesOf>[0]
  facts?: (nowMs: number) => readonly SvidFacts[]
  endpoints?: readonly BundleView[]
  objects?: readonly BundleObjectView[]
  sources?: readonly SourceStatus[]
}

/** Returns what a svidwatch says after so long, which judges now and then before. */
function world(state: World) {
  const clock = new ManualClock(startMs)
  const ledger = {
    ...fakeLedger(),
    facts: () => state.facts?.(clock.now()) ?? [],
    bundleCopies: () => bundleCopiesOf(state.copies ?? []),
    bundles: () => state.endpoints ?? [],
    bundleObjects: () => state.objects ?? [],
    sources: () => state.sources ?? [],
  }
  const diagnoses = new Diagnoses(ledger, clock)
  const after = async (ms: number) => {
    await diagnoses.judge()
    await clock.advance(ms)
    await diagnoses.judge()
    return [...diagnoses.all()].filter(({ code }) => code.startsWith('bundle_'))
  }
  return { state, after }
}

const signed = (index: number, node: string, bundle: TrustBundle, knownMs: number) =>
  mountedWith({ pod: `web-${index}`, by: oldCa, node, knownMs }, bundle)

/** A pod on each of three nodes; the bundle of the last one is given. */
const threeNodes = (last: TrustBundle) => (nowMs: number) => [
  signed(0, 'node-1', bothBundle, nowMs),
  signed(1, 'node-2', bothBundle, nowMs),
  signed(2, 'node-3', last, nowMs),
]

describe('ConfigMaps of one name', () => {
  it('that are equal are no problem', async () => {
    const { after } = world({ copies: ['a', 'b', 'c'].map((namespace) => copy(namespace, oldBundle)) })
    expect(await after(60 * minute)).toEqual([])
  })

  const edited = [
    copy('a', bothBundle, startMs - minute),
    copy('b', otherBundle),
    copy('c', bothBundle, startMs - minute),
  ]

  it('are told by the namespace whose copy was edited, a minute and a half after the last of them has changed', async () => {
    expect(await world({ copies: edited }).after(90 * second - 1)).toEqual([])
    expect(await world({ copies: edited }).after(90 * second)).toEqual([
      {
        code: 'bundle_skew',
        severity: 'warning',
        key: 'namespaces spiffe-trust',
        subject: { bundle: 'spiffe-trust' },
        reason: 'namespaces',
        sinceMs: startMs,
        evidence: { copies: 3, different: 1, first: 'b' },
        remedy: 'bundle',
        explainedBy: '',
        muted: false,
      },
    ])
  })

  it('are judged as they were seen last', async () => {
    const lost = (lostMs: number) => [sourceStatus({ source: 'trustBundles', up: false, lostMs })]
    expect(await world({ copies: edited, sources: lost(startMs + minute) }).after(60 * minute)).toEqual([])
    const sources = lost(startMs + 2 * minute)
    expect(await world({ copies: edited, sources }).after(60 * minute)).toMatchObject([{ evidence: { first: 'b' } }])
  })

  it('belong to the trust domain whose SVIDs one of their authorities has signed', async () => {
    const { after } = world({ copies: edited, facts: threeNodes(bothBundle) })
    expect(await after(2 * minute)).toMatchObject([
      { subject: { trust_domain: 'example.org', bundle: 'spiffe-trust' }, reason: 'namespaces' },
    ])
  })

  it.each([
    ['a configured server, which counts', '', 'example.org'],
    ['a pod, which may have made up its authority', 'web-0', undefined],
  ])('belong to the trust domain of an SVID that only a server presents: %s', async (_, pod, trustDomain) => {
    const facts = (knownMs: number) => [svidFacts({ served: signedCopy('served', { pod, by: oldCa, knownMs }) })]
    const labelled = (knownMs: number) => facts(knownMs).map((one) => ({ ...one, labels: { ...one.labels, pod } }))
    const [skew] = await world({ copies: edited, facts: labelled }).after(2 * minute)
    expect(skew?.subject.trust_domain).toBe(trustDomain)
  })

  it.each([
    ['has come', bothBundle],
    ['has gone', bundleOf(oldCa, newCa, otherCa)],
  ])('may differ for a quarter of an hour while an authority is on its way that %s', async (_, bundle) => {
    const copies = [copy('a', oldBundle), copy('b', bundle), copy('c', oldBundle)]
    expect(await world({ copies }).after(15 * minute - 1)).toEqual([])
    expect(await world({ copies }).after(15 * minute)).toMatchObject([{ evidence: { different: 1, first: 'b' } }])
  })

  it('that cannot be read differ, unless none can be read', async () => {
    const copies = [copy('a', oldBundle), copy('b', undefined), copy('c', oldBundle)]
    expect(await world({ copies }).after(2 * minute)).toMatchObject([
      { evidence: { copies: 3, different: 0, unreadable: 1, first: 'b' } },
    ])
    expect(await world({ copies: [copy('a', undefined), copy('b', undefined)] }).after(60 * minute)).toEqual([])
  })
})

describe('the bundles of nodes', () => {
  it('are told by the node that has another one, after five minutes', async () => {
    expect(await world({ facts: threeNodes(bundleOf(oldCa, otherCa)) }).after(5 * minute - 1)).toEqual([])
    expect(await world({ facts: threeNodes(bundleOf(oldCa, otherCa)) }).after(5 * minute)).toMatchObject([
      {
        key: 'nodes example.org',
        subject: { trust_domain: 'example.org' },
        reason: 'nodes',
        sinceMs: startMs,
        evidence: { nodes: 3, different: 1, first: 'node-3' },
      },
    ])
  })

  it('may differ for longer while an authority is on its way', async () => {
    const { after } = world({ facts: threeNodes(oldBundle) })
    expect(await after(15 * minute - 1)).toEqual([])
    expect(await after(1)).toMatchObject([{ reason: 'nodes' }])
  })

  it('are not compared with that of a blind node', async () => {
    const { after } = world({
      facts: (nowMs) => [...threeNodes(bothBundle)(nowMs).slice(0, 2), signed(2, 'node-3', otherBundle, startMs)],
    })
    expect((await after(60 * minute)).filter(({ code }) => code === 'bundle_skew')).toEqual([])
  })

  it('are those beside the newest SVID of each node', async () => {
    const older = mountedWith(
      { pod: 'old', by: oldCa, node: 'node-3', knownMs: startMs + 60 * minute, notBeforeMs: 0 },
      otherBundle,
    )
    const { after } = world({ facts: (nowMs) => [older, ...threeNodes(bothBundle)(nowMs)] })
    expect(await after(20 * minute)).toEqual([])
  })
})

describe('the bundle of an endpoint', () => {
  const endpoint = (...ders: readonly string[]) =>
    bundleView({
      endpoint: { trustDomain: 'example.org', url: 'https://example.org/bundle', profile: 'https_web' },
      ...{ concluded: true, up: true, lastContactMs: startMs },
      bundle: {
        x509Authorities: ders.map((der) => ({
          der: Buffer.from(der).toString('base64'),
          notAfterMs: startMs + 100 * minute,
        })),
        jwtAuthorities: [],
      },
    })
  const copies = [copy('a', oldBundle)]
  const facts = (nowMs: number) => [signed(0, 'node-1', oldBundle, nowMs)]
  const skewOf = async (view: BundleView, ms: number, given: World = {}) =>
    (await world({ copies, facts, endpoints: [view], ...given }).after(ms)).filter(({ code }) => code === 'bundle_skew')

  it('that the ConfigMap has, and more, is no problem', async () => {
    expect(await skewOf(endpoint('a'), 60 * minute)).toEqual([])
    expect(await skewOf(endpoint('a'), 60 * minute, { copies: [copy('a', bothBundle)] })).toEqual([])
  })

  it('that has nothing in common with the ConfigMap of its trust domain is told after five minutes', async () => {
    expect(await skewOf(endpoint('b'), 5 * minute - 1)).toEqual([])
    expect(await skewOf(endpoint('b'), 5 * minute)).toMatchObject([
      {
        key: 'federation example.org spiffe-trust',
        subject: { trust_domain: 'example.org', bundle: 'spiffe-trust' },
        reason: 'federation',
        evidence: { url: 'https://example.org/bundle', served: 1, inCommon: 0 },
      },
    ])
  })

  it('that has an authority more is told after a quarter of an hour', async () => {
    expect(await skewOf(endpoint('a', 'b'), 15 * minute - 1)).toEqual([])
    expect(await skewOf(endpoint('a', 'b'), 15 * minute)).toMatchObject([{ evidence: { served: 2, inCommon: 1 } }])
  })

  it('is not compared with ConfigMaps of other trust domains', async () => {
    expect(await skewOf(endpoint('b'), 60 * minute, { facts: () => [] })).toEqual([])
  })
})

describe('an object of trust-manager', () => {
  const synced = { is: false, reason: 'SourceNotFound', message: 'no ConfigMap "ca"', sinceMs: startMs - minute }
  const object = { api: 'Bundle', name: 'spiffe-trust', synced } as const

  it('that is not synced is told with its reason', async () => {
    expect(await world({ objects: [object] }).after(0)).toEqual([
      {
        code: 'bundle_unsynced',
        severity: 'warning',
        key: 'Bundle/spiffe-trust',
        subject: { bundle: 'Bundle/spiffe-trust' },
        reason: 'source_not_found',
        sinceMs: startMs - minute,
        evidence: { condition: 'SourceNotFound', message: 'no ConfigMap "ca"' },
        remedy: 'bundle',
        explainedBy: '',
        muted: false,
      },
    ])
  })

  it('has the reason other for a condition that is not known', async () => {
    const unknown = { ...object, synced: { ...synced, reason: 'toString' } }
    expect(await world({ objects: [unknown] }).after(0)).toMatchObject([{ reason: 'other' }])
  })

  it('that is synced, or says nothing, is no problem', async () => {
    const objects = [{ ...object, synced: { ...synced, is: true } }, { api: 'ClusterBundle', name: 'new' } as const]
    expect(await world({ objects }).after(60 * minute)).toEqual([])
  })
})
