import { describe, expect, it } from 'vitest'
import { Judge } from '../../../src/diagnosis/judge.ts'
import type { Judgement } from '../../../src/diagnosis/diagnosis.ts'
import type { BundleView } from '../../../src/ledger/bundles/view.ts'
import {
  bundleView,
  fakeLedger,
  issuedAtMs,
  issuerView,
  nodeRoleView,
  sourceStatus,
  type LedgerData,
} from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const nowMs = issuedAtMs

function judge(data: LedgerData, atMs = nowMs): readonly Judgement[] {
  const judgements: Judgement[] = []
  Array.from(new Judge(fakeLedger(data), new ManualClock(atMs)).judge((one) => judgements.push(one)))
  return judgements
}

const told = (data: LedgerData, atMs = nowMs) => judge(data, atMs).map(({ code, severity }) => `${code} ${severity}`)

describe('the CA behind the newest SVID', () => {
  const left = (leftMs: number, lifetimeMs: number, sinceLastMs = 0) =>
    told({
      issuers: [
        issuerView({
          lastIssuedMs: nowMs - sinceLastMs,
          chain: { notBeforeMs: nowMs + leftMs - lifetimeMs, notAfterMs: nowMs + leftMs },
        }),
      ],
    })

  it.each([
    ['with a third of its day left', 8 * hour, day, 0, []],
    ['with less than 15 % of its day left', 0.14 * day, day, 0, ['ca_expiring warning']],
    ['with less than 10 % of its day left', 0.09 * day, day, 0, ['ca_expiring critical']],
    ['with 6 % left, of an issuer that issued nothing since 16 % were left', 0.06 * day, day, 0.1 * day, []],
    ['with 4 % left, whatever was left then', 0.04 * day, day, 0.5 * day, ['ca_expiring critical']],
    ['of ten years, with a year left', 365 * day, 3650 * day, 0, []],
    ['of ten years, with 29 days left', 29 * day, 3650 * day, 0, ['ca_expiring warning']],
    ['that has expired', -hour, day, 0, ['ca_expiring critical']],
  ])('%s', (_, leftMs, lifetimeMs, sinceLastMs, expected) => {
    expect(left(leftMs, lifetimeMs, sinceLastMs)).toEqual(expected)
  })

  it('is nobody knows which without a chain', () => {
    expect(told({ issuers: [issuerView({ chain: undefined })] })).toEqual([])
  })
})

describe('a trust bundle', () => {
  const authority = (notAfterMs: number) => ({ notBeforeMs: nowMs - day, notAfterMs, fingerprint: 'ab' })
  const bundle = (notAfterMs: number, refreshHintMs?: number): Pick<BundleView, 'bundle'> => ({
    bundle: {
      x509Authorities: [authority(nowMs - hour), authority(notAfterMs)] as never,
      jwtAuthorities: [],
      ...(refreshHintMs !== undefined && { refreshHintMs }),
    },
  })
  const down = {
    concluded: true,
    up: false,
    trouble: { reason: 'timeout', detail: 'no answer', sinceMs: nowMs },
  } as const
  const view = (given: Partial<BundleView>) => ({ bundles: [bundleView(given)] })
  const fetched = { ...down, lastContactMs: nowMs }

  it.each([
    ['before the first attempt', {}, nowMs, []],
    ['that was never fetched', down, nowMs, ['bundle_unreachable warning']],
    ['that was fetched three intervals ago', { ...fetched, ...bundle(nowMs + day) }, nowMs + 15 * minute, []],
    [
      'that was fetched longer ago',
      { ...fetched, ...bundle(nowMs + day) },
      nowMs + 15 * minute + 1,
      ['bundle_stale warning'],
    ],
    ['with a hint of an hour', { ...fetched, ...bundle(nowMs + 30 * day, hour) }, nowMs + 3 * hour, []],
    [
      'with a hint of a week',
      { ...fetched, ...bundle(nowMs + 30 * day, 7 * day) },
      nowMs + 3 * hour + 1,
      ['bundle_stale warning'],
    ],
    ['with a hint of a second', { ...fetched, ...bundle(nowMs + day, 1000) }, nowMs + 10 * minute, []],
    [
      'after half of the time that the newest authority had left',
      { ...fetched, ...bundle(nowMs + day) },
      nowMs + day / 2 + 1,
      ['bundle_stale critical'],
    ],
    [
      'that has expired',
      { ...fetched, ...bundle(nowMs + day) },
      nowMs + day + 1,
      ['bundle_expired critical', 'bundle_stale critical'],
    ],
    [
      'that has expired though its endpoint answers',
      { ...fetched, up: true, ...bundle(nowMs + day) },
      nowMs + day + 1,
      ['bundle_expired critical'],
    ],
  ])('%s', (_, given, atMs, expected) => {
    expect(told(view(given), atMs)).toEqual(expected)
  })

  it('is told with the URL, what its endpoint says, and since when it was never fetched', () => {
    expect(judge(view({ ...down, lostMs: nowMs - hour }))).toMatchObject([
      {
        sinceMs: nowMs - hour,
        subject: { trust_domain: 'partner.example' },
        reason: 'timeout',
        evidence: { url: 'https://partner.example/bundle', message: 'no answer' },
        remedy: 'bundle',
      },
    ])
  })
})

describe('what svidwatch should see', () => {
  const trouble = { reason: 'unreachable', detail: 'ECONNREFUSED', sinceMs: nowMs - minute } as const

  it.each<[string, LedgerData, readonly string[]]>([
    ['an agent that is up', { agents: [{ node: 'node-1', agent: 'csi-driver-spiffe', up: true }] }, []],
    [
      'an agent that is not',
      { agents: [{ node: 'node-1', agent: 'csi-driver-spiffe', up: false }] },
      ['agent_down warning'],
    ],
    ['a node role that is heard', { nodeRoles: [nodeRoleView()] }, []],
    ['a node role that is not', { nodeRoles: [nodeRoleView({ up: false, trouble })] }, ['node_blind warning']],
    ['a node role before its first contact', { nodeRoles: [nodeRoleView({ concluded: false, up: false })] }, []],
    ['a source that sees its system', { sources: [sourceStatus()] }, []],
    ['a source that does not', { sources: [sourceStatus({ up: false, trouble })] }, ['source_blind critical']],
  ])('%s', (_, data, expected) => {
    expect(told(data)).toEqual(expected)
  })

  it('is told with since when it is lost, whatever the reasons were, and why it is now', () => {
    const lost = { up: false, trouble, lostMs: nowMs - 2 * minute } as const
    expect(judge({ sources: [sourceStatus(lost)] })).toMatchObject([{ sinceMs: nowMs - 2 * minute }])
    expect(judge({ nodeRoles: [nodeRoleView(lost)] })).toMatchObject([
      {
        subject: { node: 'node-1' },
        reason: 'unreachable',
        sinceMs: nowMs - 2 * minute,
        evidence: { message: 'ECONNREFUSED' },
      },
    ])
  })
})

describe('the requests of an issuer', () => {
  const of = { trust_domain: 'example.org', issuer: 'ClusterIssuer/spiffe-ca' }
  const mismatch = { ...of, lastMs: nowMs, namespace: 'team-a', request: 'web-0-1', spiffeId: 'spiffe://example.org/x' }

  it.each<[string, LedgerData, number, readonly string[]]>([
    ['that are fast', { recentRenewals: [{ ...of, count: 10, p99Ms: 30_000 }] }, nowMs, []],
    ['that are slow', { recentRenewals: [{ ...of, count: 10, p99Ms: 30_001 }] }, nowMs, ['issuer_slow warning']],
    ['that are slow and few', { recentRenewals: [{ ...of, count: 9, p99Ms: 90_000 }] }, nowMs, []],
    [
      'one of which claims another identity',
      { identityMismatches: [mismatch] },
      nowMs + 15 * minute,
      ['identity_mismatch warning'],
    ],
    ['one of which did, long ago', { identityMismatches: [mismatch] }, nowMs + 15 * minute + 1, []],
  ])('%s', (_, data, atMs, expected) => {
    expect(told(data, atMs)).toEqual(expected)
  })
})
