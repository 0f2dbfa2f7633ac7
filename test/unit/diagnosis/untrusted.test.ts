import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { bundleCopiesOf } from '../../../src/ledger/trust/bundleCopies.ts'
import type { TrustBundle } from '../../../src/identity/trustBundle.ts'
import { endMs } from '../../support/facts.ts'
import { fakeLedger, issuedAtMs, issuerView, type LedgerData } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { authority, bundleOf } from '../../support/observations.ts'
import { mountedWith, refusedCopy, signedCopy, type Signed } from '../../support/trustFacts.ts'

const minute = 60_000
const second = 1_000
const startMs = issuedAtMs + 20 * minute

const oldCa = authority('a', { notBeforeMs: issuedAtMs - 100 * minute })
const newCa = authority('b', { notBeforeMs: issuedAtMs + 10 * minute })
const newestCa = authority('c', { notBeforeMs: issuedAtMs + 15 * minute })
const [oldBundle, bothBundle, newBundle] = [bundleOf(oldCa), bundleOf(oldCa, newCa), bundleOf(newCa)]

type World = (nowMs: number) => readonly SvidFacts[]

/** What a svidwatch says that has just begun, and again 10 s later. `restart` begins another one. */
function world(facts: World, data: LedgerData = {}) {
  const clock = new ManualClock(startMs)
  const state = { facts, data }
  const begin = () => new Diagnoses({ ...fakeLedger(), facts: () => state.facts(clock.now()), ...others() }, clock)
  const others = () => ({ issuers: () => state.data.issuers ?? [], bundleCopies: () => state.data.bundleCopies ?? [] })
  let diagnoses = begin()
  const told = async (afterMs = 10 * second) => {
    await diagnoses.judge()
    await clock.advance(afterMs)
    await diagnoses.judge()
    return Array.from(
      diagnoses.all(),
      ({ code, reason, explainedBy, key }) => `${code} ${key} ${reason}${explainedBy && ` by ${explainedBy}`}`,
    ).sort()
  }
  const found = () => [...diagnoses.all()].find(({ code }) => code === 'authority_untrusted')
  const restart = () => (diagnoses = begin())
  return { clock, state, told, found, restart, authorities: () => diagnoses.trust().domains[0]?.authorities ?? [] }
}

const by = (pod: string, ca = oldCa, given: Partial<Signed> = {}) => ({ pod, by: ca, ...given })
const early = 'authority_untrusted example.org signs_too_early'
const removed = 'authority_untrusted example.org removed_too_early'
const peer = (pod: string, explained = true) =>
  `peer_refuses team-a/${pod}/tls unknown_authority${explained ? ' by authority_untrusted' : ''}`

describe('an authority', () => {
  it('that all bundles have is trusted, whoever signs', async () => {
    const { told } = world((knownMs) => [
      mountedWith({ ...by('web-0'), knownMs }, bothBundle),
      mountedWith({ ...by('web-1', newCa), knownMs }, bothBundle),
    ])
    expect(await told()).toEqual([])
  })

  it('that signs before the bundles have it is not trusted, and that explains the SVIDs that their own bundle refuses', async () => {
    const { told, found } = world((knownMs) => [
      mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
      mountedWith({ ...by('web-1'), knownMs, node: 'node-2' }, oldBundle),
    ])
    expect(await told()).toEqual([early, peer('web-0')])
    expect(found()).toEqual({
      code: 'authority_untrusted',
      severity: 'critical',
      key: 'example.org',
      subject: { trust_domain: 'example.org' },
      reason: 'signs_too_early',
      sinceMs: issuedAtMs,
      impactMs: issuedAtMs,
      evidence: {
        authority: newCa.keyId,
        refusedPairs: 2,
        svids: 1,
        volumes: 2,
        volumesWithout: 2,
        firstVolumes: 'team-a/web-0/tls, team-a/web-1/tls',
        nodes: 2,
        nodesWithout: 2,
        firstNodes: 'node-1, node-2',
      },
      remedy: 'bundle',
      explainedBy: '',
      muted: false,
    })
  })

  it('that bundles have lost is told with the end of its last SVID', async () => {
    const { told, found } = world((knownMs) => [
      mountedWith({ ...by('web-0'), knownMs }, newBundle),
      mountedWith({ ...by('web-1', newCa), knownMs }, newBundle),
    ])
    expect(await told()).toEqual([removed, peer('web-0')])
    expect(found()?.evidence).toMatchObject({ authority: oldCa.keyId, untilMs: endMs, svids: 1, refusedPairs: 2 })
  })

  it('that still signs is told as removed if the bundles have a newer one', async () => {
    const { told } = world((knownMs) => [
      mountedWith({ ...by('web-0'), knownMs }, newBundle),
      mountedWith({ ...by('web-1'), knownMs }, bothBundle),
      mountedWith({ ...by('web-2'), knownMs }, newBundle),
    ])
    expect(await told()).toEqual([removed, peer('web-0'), peer('web-2')])
  })

  it('is told as signing too early while both happen, and as removed afterwards', async () => {
    const pods = (knownMs: number, web1: typeof oldBundle) => [
      mountedWith({ ...by('web-0', oldCa, { notBeforeMs: issuedAtMs + 12 * minute }), knownMs }, newBundle),
      mountedWith({ ...by('web-1', newCa), knownMs }, web1),
      mountedWith({ ...by('web-2'), knownMs }, web1),
    ]
    const { state, told } = world((nowMs) => pods(nowMs, oldBundle))
    expect(await told()).toEqual([early, peer('web-0'), peer('web-1')])
    state.facts = (nowMs) => pods(nowMs, newBundle)
    expect(await told()).toEqual([removed, peer('web-0'), peer('web-2')])
  })

  it('that has signed too early stays so when another one signs again', async () => {
    const pods = (pod: string) => (knownMs: number) => [
      mountedWith({ ...by('web-0', newCa, { notBeforeMs: startMs - minute }), knownMs }, oldBundle),
      mountedWith({ ...by(pod, oldCa, { notBeforeMs: startMs }), knownMs }, oldBundle),
    ]
    const { state, told } = world(pods('web-1'), { issuers: [issuerView({ authorityKeyId: newCa.keyId })] })
    expect(await told()).toEqual([early, peer('web-0')])
    state.data = { issuers: [issuerView({ authorityKeyId: oldCa.keyId })] }
    expect(await told()).toEqual([early, peer('web-0')])
  })

  it('that signs is known from issuers where no bundle shows how old it is', async () => {
    const pods: World = (knownMs) => [
      mountedWith({ ...by('web-0', newestCa), knownMs, notBeforeMs: startMs }, newBundle),
      mountedWith({ ...by('web-1', newCa), knownMs, notBeforeMs: startMs + 1 }, newBundle),
    ]
    const issuing = (ca: typeof oldCa) => ({ issuers: [issuerView({ authorityKeyId: ca.keyId })] })
    expect(await world(pods, issuing(newestCa)).told()).toEqual([early, peer('web-0')])
    expect(await world(pods, issuing(newCa)).told()).toEqual([removed, peer('web-0')])
  })

  it('that the issuer has given up again for the one before was not removed', async () => {
    const { told } = world(
      (knownMs) => [
        mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
        mountedWith({ ...by('web-1', oldCa, { notBeforeMs: issuedAtMs - minute }), knownMs }, oldBundle),
        mountedWith({ ...by('web-2', oldCa, { notBeforeMs: issuedAtMs + minute }), knownMs }, oldBundle),
      ],
      { issuers: [issuerView({ authorityKeyId: oldCa.keyId })] },
    )
    expect(await told()).toEqual([early, peer('web-0')])
  })

  it('of two that are new is told as signing too early, as long as bundles lack the newest', async () => {
    const pods = (bundle: typeof oldBundle) => (knownMs: number) => [
      mountedWith({ ...by('web-0'), knownMs }, bundle),
      mountedWith({ ...by('web-1', newCa), knownMs }, bundle),
      mountedWith({ ...by('web-2', newestCa, { notBeforeMs: startMs }), knownMs }, bundle),
    ]
    const issuers = [issuerView({ authorityKeyId: newestCa.keyId })]
    const { state, told, found } = world(pods(newBundle), { issuers })
    expect(await told()).toEqual([early, peer('web-0'), peer('web-2')])
    expect(found()?.evidence).toMatchObject({ authority: newestCa.keyId, untrustedAuthorities: 2 })
    state.facts = pods(bundleOf(newestCa))
    expect(await told()).toEqual([removed, peer('web-0'), peer('web-1')])
  })

  it('is told by its key, although SVIDs of another one end at the same time', async () => {
    const { told, authorities } = world((knownMs) => [
      mountedWith({ ...by('web-0'), knownMs }, oldBundle),
      mountedWith({ ...by('web-1', newCa), knownMs }, bothBundle),
      mountedWith({ ...by('web-2'), knownMs }, oldBundle),
    ])
    expect(await told()).toEqual([early])
    expect(authorities().map(({ keyId, svids, refused }) => [keyId, svids, refused?.pairs])).toEqual(
      [
        [newCa.keyId, 1, 2],
        [oldCa.keyId, 2, undefined],
      ].sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    )
  })

  it('of which one workload alone has no trace is trusted: that workload is told by its name', async () => {
    const others = (knownMs: number) =>
      [1, 2, 3].map((index) => mountedWith({ ...by(`web-${index}`, newCa), knownMs }, newBundle))
    const { state, told } = world((knownMs) => [
      mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
      ...others(knownMs),
    ])
    expect(await told()).toEqual([peer('web-0', false)])
    state.facts = (knownMs) => [
      mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
      mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle, { key: 'team-a/web-0/other' }),
      ...others(knownMs),
    ]
    expect((await told()).filter((one) => one.startsWith('authority'))).toEqual([])
    state.facts = (knownMs) => [
      mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
      mountedWith({ ...by('web-4', newCa), knownMs }, oldBundle),
      ...others(knownMs),
    ]
    expect(await told()).toEqual([early, peer('web-0'), peer('web-4')])
  })
})

it('what is in one ConfigMap of many is no authority, and says nothing of one', async () => {
  const forged = authority('a', { fingerprint: 'f'.repeat(64), notAfterMs: endMs + 1000 * minute })
  const copy = (namespace: string, bundle: TrustBundle) =>
    ({ name: 'spiffe-trust', namespace, content: { bundle }, sinceMs: issuedAtMs }) as const
  const copies = bundleCopiesOf([
    copy('a', oldBundle),
    copy('b', oldBundle),
    copy('tenant', bundleOf(forged, newestCa)),
  ])
  const { told, authorities } = world((knownMs) => [mountedWith({ ...by('web-0'), knownMs }, oldBundle)], {
    bundleCopies: copies,
  })
  await told()
  expect(authorities()).toMatchObject([{ keyId: oldCa.keyId, notAfterMs: oldCa.notAfterMs }])
})

it('SVIDs that their own bundles refuse are enough, of authorities that are not all known', async () => {
  const large = { ...newBundle, certificates: 65 }
  const { told } = world((knownMs) => [
    mountedWith({ ...by('web-0'), knownMs }, large),
    mountedWith({ ...by('web-1'), knownMs }, large),
  ])
  expect(await told()).toEqual([removed, peer('web-0'), peer('web-1')])
})

describe('an SVID of a lost authority counts', () => {
  const pods = (knownMs: number) =>
    ['web-1', 'web-2'].map((pod) => mountedWith({ ...by(pod, newCa), knownMs }, newBundle))
  const renewed = (knownMs: number) => ({ ...by('web-0', newCa), knownMs })
  const detached = { cause: 'mount_detached', sinceMs: issuedAtMs } as const

  it('if containers hold it in an earlier mount', async () => {
    const { told } = world((knownMs) => [
      mountedWith(renewed(knownMs), newBundle, {
        held: signedCopy('mounted', { ...by('web-0'), knownMs }),
        bundle: oldBundle,
        drifts: [detached],
      }),
      ...pods(knownMs),
    ])
    expect(await told()).toContain(removed)
  })

  it('if a server still presents it', async () => {
    const served = (knownMs: number) => signedCopy('served', { ...by('web-0'), knownMs })
    const { state, told } = world((knownMs) => [mountedWith({ ...by('web-0'), knownMs }, bothBundle), ...pods(knownMs)])
    await told()
    state.facts = (knownMs) => [
      mountedWith(renewed(knownMs), newBundle, { served: served(knownMs), refused: refusedCopy(served(knownMs)) }),
      ...pods(knownMs),
    ]
    expect(await told()).toEqual([removed, peer('web-0')])
  })

  it('unless only a server presents it, which may have made it up: that workload is told by its name', async () => {
    const served = (knownMs: number) => signedCopy('served', { ...by('web-0', newestCa), knownMs })
    const { told, authorities } = world((knownMs) => [
      mountedWith(renewed(knownMs), newBundle, { served: served(knownMs), refused: refusedCopy(served(knownMs)) }),
      ...pods(knownMs),
    ])
    expect(await told()).toEqual([peer('web-0', false)])
    expect(authorities().map(({ keyId }) => keyId)).toEqual([newCa.keyId])
  })

  it('if it is in a configured file', async () => {
    const file = (knownMs: number, path: string, ca: typeof oldCa, bundle: typeof oldBundle) => {
      const { mounted, ...facts } = mountedWith({ ...by('', ca), namespace: '', node: '', knownMs }, bundle)
      const copy = mounted && { ...mounted, labels: { ...mounted.labels, volume: '', file: path } }
      return { ...facts, key: path, mounted: copy, refused: facts.refused && copy && refusedCopy(copy) }
    }
    const { told } = world((knownMs) => [
      file(knownMs, '/a.pem', oldCa, newBundle),
      file(knownMs, '/b.pem', newCa, newBundle),
    ])
    expect(await told()).toEqual([removed, 'peer_refuses /a.pem unknown_authority by authority_untrusted'])
  })

  it('until it has expired by when it was seen last', async () => {
    const { state, told } = world((knownMs) => [mountedWith({ ...by('web-0'), knownMs }, newBundle), ...pods(knownMs)])
    expect(await told()).toContain(removed)
    state.facts = () => [mountedWith({ ...by('web-0'), knownMs: endMs + 1 }, newBundle), ...pods(endMs + 1)]
    expect((await told()).filter((one) => /^(authority|peer)/.test(one))).toEqual([])
  })
})

describe('a node that is blind', () => {
  const lostMs = startMs + 20 * second

  it('keeps what it has told: its refused SVIDs, and what explains them', async () => {
    const { told, restart } = world((nowMs) => [
      mountedWith({ ...by('web-0', newCa), knownMs: Math.min(nowMs, lostMs) }, oldBundle),
      mountedWith({ ...by('web-1', newCa), knownMs: Math.min(nowMs, lostMs) }, oldBundle),
      mountedWith({ ...by('web-2', newCa), knownMs: nowMs, node: 'node-2' }, bothBundle),
    ])
    const all = [early, peer('web-0'), peer('web-1')]
    expect(await told()).toEqual(all)
    const ofTrust = (one: string) => /^(authority|peer)/.test(one)
    expect((await told(120 * minute)).filter(ofTrust)).toEqual(all)
    restart()
    expect((await told()).filter(ofTrust)).toEqual(all)
  })

  it('says nothing of an authority that has signed only since', async () => {
    const { state, told } = world((nowMs) => [
      mountedWith({ ...by('web-0'), knownMs: Math.min(nowMs, lostMs) }, oldBundle),
      mountedWith({ ...by('web-1'), knownMs: Math.min(nowMs, lostMs) }, oldBundle),
      mountedWith({ ...by('web-2'), knownMs: nowMs, node: 'node-2' }, bothBundle),
    ])
    expect(await told(minute)).toEqual([])
    const before = state.facts
    state.facts = (nowMs) => [
      ...before(nowMs),
      mountedWith({ ...by('web-3', newCa), knownMs: nowMs, node: 'node-2' }, bothBundle),
    ]
    expect(await told(minute)).toEqual([])
  })

  it('says nothing of bundles that have lost an authority only since', async () => {
    const old = (nowMs: number) => mountedWith({ ...by('web-0'), knownMs: Math.min(nowMs, lostMs) }, bothBundle)
    const others = (nowMs: number, bundle: typeof oldBundle) =>
      ['web-1', 'web-2'].map((pod) => mountedWith({ ...by(pod, newCa), knownMs: nowMs, node: 'node-2' }, bundle))
    const { state, told } = world((nowMs) => [old(nowMs), ...others(nowMs, bothBundle)])
    expect(await told(minute)).toEqual([])
    state.facts = (nowMs) => [old(nowMs), ...others(nowMs, newBundle)]
    expect(await told(minute)).toEqual([])
  })
})

it.each([
  ['5 s', 5 * second, [early]],
  ['less than that', 5 * second - 1, []],
] as const)('a pair that was seen until %s after each side was known', async (_, seenMs, expected) => {
  const { told } = world((nowMs) => {
    const knownMs = Math.min(nowMs, startMs + seenMs)
    return [
      mountedWith({ ...by('web-0', newCa), knownMs }, bothBundle),
      mountedWith({ ...by('web-1'), knownMs }, oldBundle),
      mountedWith({ ...by('web-2'), knownMs }, oldBundle),
    ]
  })
  expect(await told()).toEqual(expected)
})

it('a refusal is explained at once, also between two counts of all SVIDs', async () => {
  const { state, told } = world((knownMs) => [mountedWith({ ...by('web-0'), knownMs }, oldBundle)])
  expect(await told(second)).toEqual([])
  state.facts = (knownMs) => ['web-0', 'web-1'].map((pod) => mountedWith({ ...by(pod, newCa), knownMs }, oldBundle))
  expect(await told(0)).toEqual([early, peer('web-0'), peer('web-1')])
})

it('a svidwatch that starts anew tells the same, of the same severity', async () => {
  const { told, found, restart } = world((knownMs) => [
    mountedWith({ ...by('web-0'), knownMs }, newBundle),
    mountedWith({ ...by('web-1', newCa), knownMs }, newBundle),
  ])
  const before = await told()
  const { severity, reason, sinceMs } = found() ?? {}
  restart()
  expect(await told(0)).toEqual(before)
  expect(found()).toMatchObject({ severity, reason, sinceMs })
})

it('the beginning stays when the first of the refused SVIDs are renewed', async () => {
  const { state, told, found } = world((knownMs) => [
    mountedWith({ ...by('web-0', newCa), knownMs }, oldBundle),
    mountedWith({ ...by('web-1', newCa, { notBeforeMs: issuedAtMs + minute }), knownMs }, oldBundle),
  ])
  await told()
  expect(found()?.sinceMs).toBe(issuedAtMs)
  state.facts = (knownMs) =>
    ['web-0', 'web-1'].map((pod) =>
      mountedWith({ ...by(pod, newCa, { notBeforeMs: issuedAtMs + 15 * minute }), knownMs }, oldBundle),
    )
  await told()
  expect(found()?.sinceMs).toBe(issuedAtMs)
})
