import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { MountedObservation, ServedObservation } from '../../../../../src/ledger/workloads/observations.ts'
import type { X509Svid } from '../../../../../src/identity/x509Svid.ts'
import type { ManualClock } from '../../../../support/manualClock.ts'
import { surveyOf, svidsOf } from '../../../../support/ledgerReading.ts'
import {
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../../../support/observations.ts'
import { minute, podGone, podSeen, watch, watchWith } from '../../../../support/watchedLedger.ts'

const second = 1_000
/** By default, a server may take a tenth of the lifetime, which is an hour. */
const graceMs = 6 * minute

/** The SVID of pod-1, issued so many minutes after the epoch, for an hour. */
const svidAt = (minutes: number, overrides: Partial<X509Svid> = {}) => svid(overrides, -minutes)

const probe = (result: ServedObservation['result'], port = 8443, podUid = 'pod-1') =>
  ({ kind: 'served', served: { target: { podUid, port }, result } }) as const
const serves = (ledger: Ledger, one: X509Svid, port = 8443) => {
  ledger.report(probe({ svid: one }, port))
}
const fails = (ledger: Ledger, outcome: 'timeout' | 'no_spiffe_id', port = 8443) => {
  ledger.report(probe({ outcome, detail: 'why' }, port))
}
const mounts = (ledger: Ledger, one: X509Svid, finding: Partial<MountedObservation> = {}) => {
  ledger.report({ kind: 'mounted', mounted: mounted({ reading: { svid: one }, ...finding }), node: 'node-1' })
}

const begun = (...volumes: readonly string[]) =>
  watch(
    ...podList(pod({ mountedSinceMs: [epochMs], ...(volumes.length > 0 && { volumes }) })),
    ...requestList('9', request({ svid: svidAt(0) })),
    ...nodeTells('node-1', mounted({ reading: { svid: svidAt(0) } })),
  )

/** Lets time pass until so long after the epoch, when everything was just seen. */
async function pass(ledger: Ledger, clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(epochMs + ms - clock.now())
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
}

const causes = (ledger: Ledger) => surveyOf(ledger).drifts.map(({ cause }) => cause)
const served = (ledger: Ledger) =>
  svidsOf(ledger)
    .filter(({ labels }) => labels.copy === 'served')
    .map(({ labels, svid: one }) => `${labels.pod}/${labels.volume} ${one.fingerprint}`)
const probes = (ledger: Ledger) =>
  surveyOf(ledger)
    .probes.filter(({ count }) => count > 0)
    .map(({ namespace, state, count }) => `${namespace} ${state} ${count}`)

describe('a server', () => {
  it('that presents the SVID of its pod has a copy with the labels of the volume', () => {
    const { ledger } = begun()
    serves(ledger, svidAt(0))
    expect(svidsOf(ledger).find(({ labels }) => labels.copy === 'served')).toMatchObject({
      labels: {
        namespace: 'team-a',
        pod: 'web-1',
        volume: 'spiffe',
        node: 'node-1',
        issuer: 'ClusterIssuer/spiffe-ca',
      },
      svid: svidAt(0),
      inUse: false,
      lastObservedMs: epochMs,
    })
    expect([causes(ledger), probes(ledger)]).toEqual([[], ['team-a served 1']])
  })

  it('that still presents an SVID that has expired makes its workload expired, although a valid one is mounted', async () => {
    const { ledger, clock } = begun()
    serves(ledger, svidAt(0))
    await pass(ledger, clock, 40 * minute)
    mounts(ledger, svidAt(40))
    serves(ledger, svidAt(0))
    const states = () =>
      surveyOf(ledger)
        .workloads.filter(({ count }) => count > 0)
        .map(({ state }) => state)
    expect(states()).toEqual(['valid'])
    await pass(ledger, clock, 61 * minute)
    expect(states()).toEqual(['expired'])
    serves(ledger, svidAt(40))
    expect(states()).toEqual(['valid'])
  })

  it('that never reloads is named once it has had the time to, since the SVID was mounted that it lacks', async () => {
    const { ledger, clock } = begun()
    await pass(ledger, clock, 40 * minute)
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, 40 * minute + graceMs - 1)
    serves(ledger, svidAt(0))
    expect(causes(ledger)).toEqual([])
    await pass(ledger, clock, 40 * minute + graceMs)
    serves(ledger, svidAt(0))
    expect([...ledger.facts()][0]?.drifts).toEqual([
      { cause: 'not_reloaded', sinceMs: epochMs + 40 * minute, port: 8443 },
    ])
    mounts(ledger, svidAt(80))
    expect([...ledger.facts()][0]?.drifts).toMatchObject([{ sinceMs: epochMs + 40 * minute }])
  })

  it('that reloads within its time is never named in 20 renewals', async () => {
    const { ledger, clock } = begun()
    for (let renewal = 1; renewal <= 20; renewal += 1) {
      const at = 40 * renewal
      await pass(ledger, clock, at * minute)
      serves(ledger, svidAt(at - 40))
      mounts(ledger, svidAt(at))
      await pass(ledger, clock, at * minute + graceMs - second)
      serves(ledger, svidAt(at - 40))
      expect(causes(ledger)).toEqual([])
      await pass(ledger, clock, at * minute + graceMs + 59 * second)
      serves(ledger, svidAt(at))
      expect(causes(ledger)).toEqual([])
    }
  })

  it('that was not probed since it should have reloaded is not named', async () => {
    const { ledger, clock } = begun()
    serves(ledger, svidAt(0))
    await pass(ledger, clock, 40 * minute)
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, 50 * minute)
    expect(causes(ledger)).toEqual([])
    fails(ledger, 'timeout')
    expect([causes(ledger), probes(ledger)]).toEqual([[], ['team-a unreachable 1']])
    expect(svidsOf(ledger).find(({ labels }) => labels.copy === 'served')?.lastObservedMs).toBe(epochMs + 50 * minute)
    await pass(ledger, clock, 55 * minute)
    expect(svidsOf(ledger).find(({ labels }) => labels.copy === 'served')?.lastObservedMs).toBe(epochMs + 50 * minute)
  })

  it('that was named and can no longer be reached stays named, as it was last known', async () => {
    const { ledger, clock } = begun()
    serves(ledger, svidAt(0))
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, graceMs)
    serves(ledger, svidAt(0))
    fails(ledger, 'timeout')
    expect(causes(ledger)).toEqual(['not_reloaded'])
    serves(ledger, svidAt(40))
    expect(causes(ledger)).toEqual([])
  })

  it('has as long as the settings say', async () => {
    const { ledger, clock } = watchWith(
      { reloadGraceMs: () => 20 * second },
      ...podList(pod({ mountedSinceMs: [epochMs] })),
      ...nodeTells('node-1', mounted({ reading: { svid: svidAt(40) } })),
    )
    serves(ledger, svidAt(0))
    expect(causes(ledger)).toEqual([])
    await pass(ledger, clock, 20 * second)
    serves(ledger, svidAt(0))
    expect(causes(ledger)).toEqual(['not_reloaded'])
  })

  it('that presents a newer SVID than the mounted one is not behind', async () => {
    const { ledger, clock } = begun()
    serves(ledger, svidAt(40))
    await pass(ledger, clock, 30 * minute)
    serves(ledger, svidAt(40))
    expect(causes(ledger)).toEqual([])
  })

  it('in a pod that keeps an earlier mount is named for the mount only', async () => {
    const { ledger, clock } = begun()
    mounts(ledger, svidAt(1), { mountBirthMs: epochMs + minute })
    await pass(ledger, clock, 30 * minute)
    serves(ledger, svidAt(0))
    expect(causes(ledger)).toEqual(['mount_detached'])
  })

  it.each([
    ['another SPIFFE ID', { svid: svid({ spiffeId: 'spiffe://example.org/web' }) }, 'other_identity'],
    ['a certificate without a SPIFFE ID', { outcome: 'no_spiffe_id', detail: '' }, 'no_spiffe_id'],
    ['nothing in time', { outcome: 'timeout', detail: '' }, 'unreachable'],
    [
      'nothing, because its pod shares the network of its node',
      { outcome: 'host_network', detail: '' },
      'host_network',
    ],
  ] as const)('that presents %s is counted, and no copy', async (_, result, state) => {
    const { ledger, clock } = begun()
    ledger.report(probe(result))
    await pass(ledger, clock, 50 * minute)
    ledger.report(probe(result))
    expect([served(ledger), causes(ledger), probes(ledger)]).toEqual([[], [], [`team-a ${state} 1`]])
  })

  it('that presents another certificate instead has no copy any more', () => {
    const { ledger } = begun()
    serves(ledger, svidAt(0))
    fails(ledger, 'no_spiffe_id')
    expect(served(ledger)).toEqual([])
  })

  it('that is probed no longer is forgotten', () => {
    const { ledger } = begun()
    serves(ledger, svidAt(0))
    ledger.report({ kind: 'unserved', target: { podUid: 'pod-1', port: 8443 } })
    expect([served(ledger), probes(ledger)]).toEqual([[], ['team-a no_target 1']])
  })
})

describe('several servers of a pod', () => {
  it('with one SPIFFE ID are judged by the oldest SVID', async () => {
    const { ledger, clock } = begun()
    await pass(ledger, clock, 40 * minute)
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, 50 * minute)
    serves(ledger, svidAt(40), 1)
    serves(ledger, svidAt(0), 2)
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/spiffe fingerprint-0'], ['not_reloaded']])
    serves(ledger, svidAt(40), 2)
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/spiffe fingerprint--40'], []])
  })

  it('that cannot all be reached are judged by those that can', async () => {
    const { ledger, clock } = begun()
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, 50 * minute)
    serves(ledger, svidAt(0), 1)
    fails(ledger, 'timeout', 1)
    serves(ledger, svidAt(40), 2)
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/spiffe fingerprint--40'], []])
  })

  it('with two volumes of one SPIFFE ID are fresh with either SVID, and behind only if both are newer', async () => {
    const { ledger, clock } = begun('spiffe', 'other')
    mounts(ledger, svidAt(5), { volume: 'other' })
    serves(ledger, svidAt(0))
    await pass(ledger, clock, 30 * minute)
    serves(ledger, svidAt(0))
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/spiffe fingerprint-0'], []])
    mounts(ledger, svidAt(40))
    await pass(ledger, clock, 30 * minute + graceMs)
    serves(ledger, svidAt(0))
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/spiffe fingerprint-0'], ['not_reloaded']])
    serves(ledger, svidAt(5))
    expect([served(ledger), causes(ledger)]).toEqual([['web-1/other fingerprint--5'], []])
  })
})

describe('probes of a pod', () => {
  it('that is not known yet wait for it', () => {
    const { ledger } = watch(...podList(), ...nodeTells('node-1', mounted({ reading: { svid: svidAt(0) } })))
    serves(ledger, svidAt(0))
    expect(served(ledger)).toEqual([])
    ledger.report(podSeen({ mountedSinceMs: [epochMs] }))
    expect(served(ledger)).toEqual(['web-1/spiffe fingerprint-0'])
  })

  it('that was never mounted wait for the SVID to which they belong', () => {
    const { ledger } = watch(...podList(pod()))
    serves(ledger, svidAt(0))
    expect(served(ledger)).toEqual([])
    mounts(ledger, svidAt(0))
    expect(served(ledger)).toEqual(['web-1/spiffe fingerprint-0'])
  })

  it('that is gone are forgotten with it', () => {
    const { ledger } = begun()
    serves(ledger, svidAt(0))
    ledger.report(podGone)
    expect([served(ledger), probes(ledger)]).toEqual([[], []])
    ledger.report(podSeen())
    expect(served(ledger)).toEqual([])
  })

  it('are counted by their outcome, once each', () => {
    const { ledger } = begun()
    serves(ledger, svidAt(0))
    fails(ledger, 'timeout')
    fails(ledger, 'timeout')
    ledger.report({ kind: 'unserved', target: { podUid: 'pod-1', port: 8443 } })
    const counts = [...ledger.probes()]
    expect(counts.filter(([, count]) => count > 0)).toEqual([
      ['svid', 1],
      ['timeout', 2],
    ])
    expect(counts.length).toBeGreaterThan(2)
  })

  it('of very many unknown pods are not all kept', () => {
    const { ledger } = watch(...podList())
    const uids = Array.from({ length: 1_500 }, (_, index) => `pod-${index}`)
    for (const uid of uids) ledger.report(probe({ svid: svidAt(0) }, 8443, uid))
    for (const uid of uids) mounts(ledger, svidAt(0), { podUid: uid })
    for (const uid of uids) ledger.report(podSeen({ uid, name: uid }))
    expect(served(ledger)).toHaveLength(1_000)
  })
})

it('a pod of which no container runs waits for its first probe', () => {
  const { ledger } = watch(...podList(pod({ mountedSinceMs: [undefined] })))
  expect(probes(ledger)).toEqual(['team-a pending 1'])
})

it('nothing is counted where nothing is probed', () => {
  const { ledger } = watchWith({ sources: ['pods'] }, ...podList(pod()))
  expect(surveyOf(ledger).probes).toEqual([])
})

describe('a configured target', () => {
  const target = { address: 'payments.example:8443' }
  const targetServes = (result: ServedObservation['result']) =>
    ({ kind: 'served', served: { target, result } }) as const

  it('is a workload of its own, with its address as its file', () => {
    const { ledger } = watchWith({ sources: ['servedSvids'] }, targetServes({ svid: svidAt(0) }))
    expect(svidsOf(ledger)).toMatchObject([
      { labels: { namespace: '', pod: '', file: 'payments.example:8443', copy: 'served' }, inUse: true },
    ])
    expect([...ledger.facts()]).toMatchObject([{ key: 'payments.example:8443', served: { knownMs: epochMs } }])
    expect(surveyOf(ledger).workloads.filter(({ count }) => count > 0)).toEqual([
      { namespace: '', state: 'valid', count: 1 },
    ])
    expect(probes(ledger)).toEqual([' served 1'])
  })

  it('that cannot be reached keeps what was served last, with its age', async () => {
    const { ledger, clock } = watchWith({ sources: ['servedSvids'] }, targetServes({ svid: svidAt(0) }))
    await clock.advance(5 * minute)
    ledger.report(targetServes({ outcome: 'refused', detail: '' }))
    await clock.advance(5 * minute)
    expect([...ledger.facts()]).toMatchObject([{ served: { knownMs: epochMs + 5 * minute } }])
    expect(probes(ledger)).toEqual([' unreachable 1'])
  })

  it('that was never reached is pending, and has no copy', () => {
    const { ledger } = watchWith({ sources: ['servedSvids'] }, targetServes({ outcome: 'refused', detail: '' }))
    expect(svidsOf(ledger)).toEqual([])
    expect(surveyOf(ledger).workloads.filter(({ count }) => count > 0)).toMatchObject([{ state: 'pending' }])
  })

  it('that is probed no longer is gone', () => {
    const { ledger } = watchWith({ sources: ['servedSvids'] }, targetServes({ svid: svidAt(0) }))
    ledger.report({ kind: 'unserved', target })
    expect([svidsOf(ledger), surveyOf(ledger).workloads, probes(ledger)]).toEqual([[], [], []])
  })
})

it('a restarted process counts the time to reload from when the file was written', async () => {
  const { ledger, clock } = watch(...podList(pod({ mountedSinceMs: [epochMs] })))
  const writtenMs = epochMs - 20 * minute
  mounts(ledger, svidAt(-20), { writtenMs })
  serves(ledger, svidAt(-60))
  await pass(ledger, clock, second)
  expect([...ledger.facts()][0]?.drifts).toEqual([{ cause: 'not_reloaded', sinceMs: writtenMs, port: 8443 }])
})
