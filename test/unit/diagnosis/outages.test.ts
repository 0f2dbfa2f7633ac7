import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { RequestCount } from '../../../src/ledger/issuance/view.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { copyFacts, dueMs, endMs, missedMs, renewedFacts, svidFacts, waitingRequest } from '../../support/facts.ts'
import { fakeLedger, issuedAtMs, issuerView } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

const minute = 60_000
const issuer = 'ClusterIssuer/spiffe-ca'

/** A pod whose renewal was missed, with a request that waits. */
const stuck = (pod: string, nowMs: number, given: Partial<SvidFacts> = {}): SvidFacts => {
  const issued = copyFacts('issued', nowMs)
  return svidFacts({
    key: `${pod}/tls`,
    issued: { ...issued, labels: { ...issued.labels, pod } },
    requested: waitingRequest(),
    requestsKnownMs: nowMs,
    ...given,
  })
}

/** A world whose SVIDs and last issuance a test changes. */
function world(...svids: readonly ((nowMs: number) => SvidFacts)[]) {
  const clock = new ManualClock(missedMs + 1)
  const state = { svids, lastIssuedMs: issuedAtMs, requestCounts: [] as RequestCount[] }
  const ledger = {
    ...fakeLedger(),
    facts: () => state.svids.map((svid) => svid(clock.now())),
    issuers: () => [issuerView({ lastIssuedMs: state.lastIssuedMs, chain: undefined })],
    requestCounts: () => state.requestCounts,
  }
  const diagnoses = new Diagnoses(ledger, clock)
  const judge = async () => {
    await diagnoses.judge()
    return [...diagnoses.all()]
  }
  const told = async () =>
    (await judge()).map(({ code, explainedBy }) => `${code}${explainedBy && ` by ${explainedBy}`}`).sort()
  return { clock, state, judge, told }
}

const both = [(nowMs: number) => stuck('web-0', nowMs), (nowMs: number) => stuck('web-1', nowMs)]
const explained = 'renewal_missed by issuer_down'

describe('an issuer', () => {
  it('that issues nothing for two workloads that have asked is down, and explains their missed renewals', async () => {
    const { told } = world(...both)
    expect(await told()).toEqual(['issuer_down', explained, explained])
  })

  it.each([
    ['down', 'can be seen', true, ['issuer_down', explained, explained]],
    ['not judged', 'cannot be seen now', false, ['renewal_missed', 'renewal_missed']],
  ])('is %s by files that were seen since, if requests %s', async (_is, _requests, seesRequests, expected) => {
    const byFile = (pod: string) => (nowMs: number) => {
      const mounted = copyFacts('mounted', nowMs)
      const seen = { mounted: { ...mounted, labels: { ...mounted.labels, pod } }, requestsKnownMs: missedMs - minute }
      return stuck(pod, missedMs - minute, { ...seen, seesRequests })
    }
    const { told } = world(byFile('web-0'), byFile('web-1'))
    expect(await told()).toEqual(expected)
  })

  it('says how many have missed their renewal, whom first, since when and why', async () => {
    const { judge } = world(...both)
    expect((await judge()).find(({ code }) => code === 'issuer_down')).toEqual({
      code: 'issuer_down',
      severity: 'critical',
      key: issuer,
      subject: { issuer },
      reason: 'issuer_not_ready',
      sinceMs: dueMs,
      impactMs: endMs,
      evidence: {
        missed: 2,
        first: 'team-a/web-0 (2026-11-22T13:00:00.000Z), team-a/web-1 (2026-11-22T13:00:00.000Z)',
        lastIssuedMs: issuedAtMs,
        message: 'The issuer is not ready',
      },
      remedy: 'issuer',
      explainedBy: '',
      muted: false,
    })
  })

  it.each<[string, readonly ((nowMs: number) => SvidFacts)[]]>([
    ['one workload', both.slice(0, 1)],
    [
      'workloads that have not asked',
      both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), requested: undefined })),
    ],
    [
      'workloads whose files are stale',
      both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), staleSinceMs: dueMs })),
    ],
    [
      'workloads whose requests cannot be seen',
      both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), requestsKnownMs: dueMs })),
    ],
  ])('is not known to be down because of %s', async (_, svids) => {
    const { told } = world(...svids)
    expect((await told()).filter((code) => code !== 'mount_stale')).toEqual(svids.map(() => 'renewal_missed'))
  })

  it('that has issued since is not down', async () => {
    const { state, told } = world(...both)
    state.lastIssuedMs = dueMs
    expect(await told()).toEqual(['renewal_missed', 'renewal_missed'])
  })

  const waits = { namespace: 'team-a', issuer, state: 'approved', reason: 'awaiting_issuer', count: 1 } as const
  const failed = { namespace: 'team-a', issuer, state: 'failed', reason: 'failed_signing', count: 1 } as const

  it.each<[string, boolean, RequestCount]>([
    ['was waiting when the renewals were missed', true, { ...waits, oldestMs: missedMs - 1 }],
    ['has been waiting for less long', false, { ...waits, oldestMs: missedMs }],
    ['was waiting then for another issuer', false, { ...waits, issuer: 'ClusterIssuer/other', oldestMs: dueMs }],
    ['has failed, nobody knows when', false, failed],
    ['was denied, nobody knows when', false, { ...failed, state: 'denied', reason: 'denied_policy' }],
  ])('that has a request of another workload which %s is down: %s', async (_, isDown, count) => {
    const { state, told } = world(...both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), requested: undefined })))
    state.requestCounts = [count]
    expect((await told()).includes('issuer_down')).toBe(isDown)
  })

  it.each([
    ['in the second in which the renewal was due', true, dueMs],
    ['so shortly before that its driver does not ask again yet', true, dueMs - 6 * minute],
    ['long before', false, dueMs - 6 * minute - 1000],
  ])('that has refused a request that was made %s is down: %s', async (_, isDown, createdMs) => {
    const requested = waitingRequest({ state: 'failed', reason: 'failed_signing', createdMs })
    const { clock, told } = world(
      ...both.map((svid) => (nowMs: number) => {
        const { issued, ...rest } = svid(nowMs)
        return { ...rest, issued: issued && { ...issued, renewalDueMs: dueMs + 300 }, requested }
      }),
    )
    await clock.advance(1000)
    expect((await told()).includes('issuer_down')).toBe(isDown)
  })

  it('that issues again explains what is left for seven minutes, because drivers wait before they ask again', async () => {
    const { clock, state, told } = world(...both)
    await told()
    state.lastIssuedMs = clock.now()
    state.svids = both.slice(1)
    expect(await told()).toEqual(['issuer_down', explained])
    await clock.advance(7 * minute)
    expect(await told()).toEqual(['issuer_down', explained])
    await clock.advance(1)
    expect(await told()).toEqual(['renewal_missed'])
  })

  /** A workload for which an SVID was issued so long ago, after its request had waited, and whose file still has the one before. */
  const unfetched = (
    pod: string,
    nowMs: number,
    given: { agoMs: number; waitedMs: number; staleSinceMs?: number },
  ): SvidFacts => {
    const { agoMs, waitedMs, staleSinceMs = nowMs - agoMs } = given
    const issuedMs = nowMs - agoMs
    const { labels, ...mounted } = copyFacts('mounted', nowMs)
    return stuck(pod, nowMs, {
      mounted: { ...mounted, labels: { ...labels, pod } },
      issued: renewedFacts('issued', nowMs, issuedMs),
      ...{ issuedMs, waitedMs, staleSinceMs, requested: undefined },
    })
  }

  it.each<[string, Parameters<typeof unfetched>[2], boolean]>([
    ['as long as it had waited', { agoMs: 3 * minute, waitedMs: 3 * minute }, true],
    ['longer than it had waited', { agoMs: 3 * minute + 1, waitedMs: 3 * minute }, false],
    ['six minutes, after it had waited for longer', { agoMs: 6 * minute, waitedMs: 20 * minute }, true],
    ['more than six minutes, after it had waited for longer', { agoMs: 6 * minute + 1, waitedMs: 20 * minute }, false],
    ['a while, although its request had not waited', { agoMs: 11_000, waitedMs: 0 }, false],
    [
      'a short while, but its file lacks earlier ones, too',
      { agoMs: 11_000, waitedMs: 20 * minute, staleSinceMs: dueMs },
      false,
    ],
  ])(
    'explains the file of a workload whose driver has had %s to fetch what was issued',
    async (_, given, isExplained) => {
      const { clock, state, told } = world(...both)
      await told()
      state.lastIssuedMs = clock.now()
      state.svids = [(nowMs) => unfetched('web-0', nowMs, given), ...both.slice(1)]
      expect(await told()).toEqual([
        'issuer_down',
        'mount_stale',
        ...(isExplained ? [explained, explained] : ['renewal_missed', explained]),
      ])
    },
  )

  it('that issues again does not explain for long what is never fetched', async () => {
    const { clock, state, told } = world(...both)
    await told()
    const issuedMs = clock.now()
    state.lastIssuedMs = issuedMs
    state.svids = ['web-0', 'web-1'].map((pod) => (nowMs: number) => {
      const waitedMs = issuedMs - dueMs
      return unfetched(pod, nowMs, { agoMs: nowMs - issuedMs, waitedMs })
    })
    expect(await told()).toContain('issuer_down')
    await clock.advance(issuedMs - dueMs + 1)
    expect(await told()).toEqual(['mount_stale', 'mount_stale', 'renewal_missed', 'renewal_missed'])
  })

  it('that issues again for everybody is no longer down', async () => {
    const { state, told } = world(...both)
    await told()
    state.svids = []
    expect(await told()).toEqual([])
  })

  it('that fails again while it recovers is down for as long as it takes', async () => {
    const { clock, state, told } = world(...both)
    await told()
    state.lastIssuedMs = clock.now()
    await told()
    await clock.advance(minute)
    state.lastIssuedMs = issuedAtMs
    await told()
    await clock.advance(8 * minute)
    expect(await told()).toContain('issuer_down')
  })

  const expected = { expected: 'example.org', requested: 'other.example' }
  const changed = { expected: 'other.example', requested: 'example.org' }
  it.each([
    ['names both trust domains, and the driver has changed', expected, 'driver'],
    ['names both trust domains, and the approver has changed', changed, 'approver'],
  ])('whose approver denies all with a reason that %s', async (_, trustDomains, remedy) => {
    const requested = waitingRequest({
      state: 'denied',
      reason: 'denied_trust_domain',
      message: 'Denied',
      trustDomains,
    })
    const { judge } = world(...both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), requested })))
    const [down, ...missed] = (await judge()).toSorted((one, other) => (one.code < other.code ? -1 : 1))
    const evidence = { expectedTrustDomain: trustDomains.expected, requestedTrustDomain: trustDomains.requested }
    expect(down).toMatchObject({ code: 'issuer_down', reason: 'denied_trust_domain', remedy, evidence })
    for (const one of missed) expect(one).toMatchObject({ remedy, evidence, explainedBy: 'issuer_down' })
  })

  it('whose workloads are all muted is muted', async () => {
    const { judge } = world(...both.map((svid) => (nowMs: number) => ({ ...svid(nowMs), muted: true })))
    expect((await judge()).map(({ muted }) => muted)).toEqual([true, true, true])
  })
})
