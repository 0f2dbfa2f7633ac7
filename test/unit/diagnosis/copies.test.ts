import { describe, expect, it } from 'vitest'
import { Judge } from '../../../src/diagnosis/judge.ts'
import type { Judgement } from '../../../src/diagnosis/diagnosis.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { refusedReasons } from '../../../src/ledger/workloads/reasons.ts'
import { copyFacts, endMs, missedMs, renewedFacts, svidFacts } from '../../support/facts.ts'
import { fakeLedger, issuedAtMs } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

const minute = 60_000
const nowMs = issuedAtMs + 20 * minute
const startMs = issuedAtMs + minute

function judge(facts: Partial<SvidFacts>, atMs = nowMs): readonly Judgement[] {
  const judgements: Judgement[] = []
  const one = new Judge(fakeLedger({ facts: [svidFacts(facts)] }), new ManualClock(atMs))
  Array.from(one.judge((judgement) => judgements.push(judgement)))
  return judgements
}

const explained = (facts: Partial<SvidFacts>, atMs = nowMs) =>
  judge(facts, atMs).map(({ code, explainedBy }) => `${code}${explainedBy && ` by ${explainedBy}`}`)

const mounted = copyFacts('mounted', nowMs)
const base = { severity: 'warning', key: 'uid-0/tls', reason: '', explainedBy: '', muted: false } as const

describe('a drift', () => {
  const detached = {
    cause: 'mount_detached',
    sinceMs: issuedAtMs + 9 * minute,
    mountBirthMs: issuedAtMs + 9 * minute,
    containerStartMs: startMs,
  } as const

  it('by a detached mount is told with both times, and with what containers have if that is known', () => {
    const evidence = {
      mountBirthMs: issuedAtMs + 9 * minute,
      containerStartMs: startMs,
      mountedNotAfterMs: endMs + 9 * minute,
    }
    const renewed = renewedFacts('mounted', nowMs, issuedAtMs + 9 * minute)
    const told = {
      ...base,
      code: 'mount_detached',
      subject: mounted.labels,
      sinceMs: detached.sinceMs,
      remedy: 'new_pod',
    }
    expect(judge({ mounted: renewed, drifts: [detached] })).toEqual([{ ...told, evidence }])
    expect(judge({ mounted: renewed, held: mounted, drifts: [detached] })).toEqual([
      { ...told, impactMs: endMs, evidence: { ...evidence, heldNotAfterMs: endMs } },
    ])
  })

  it('by a lost mount takes the place of the unreadable file', () => {
    const drift = { cause: 'mount_gone', sinceMs: issuedAtMs + 5 * minute } as const
    expect(judge({ mounted, problem: 'unmounted', drifts: [drift] })).toEqual([
      {
        ...base,
        code: 'mount_gone',
        subject: mounted.labels,
        sinceMs: issuedAtMs + 5 * minute,
        impactMs: endMs,
        evidence: { mountedNotAfterMs: endMs },
        remedy: 'new_pod',
      },
    ])
    expect(explained({ mounted, problem: 'unmounted' })).toEqual(['unreadable'])
  })

  it('by an empty volume takes the place of the unreadable file', () => {
    const drift = { cause: 'empty_volume', sinceMs: issuedAtMs + 5 * minute } as const
    expect(judge({ mounted, problem: 'empty_volume', drifts: [drift] })).toMatchObject([
      { code: 'empty_volume', remedy: 'new_pod', evidence: { mountedNotAfterMs: endMs } },
    ])
  })

  it('that follows from a deeper one is explained by it', () => {
    const gone = { cause: 'mount_gone', sinceMs: undefined } as const
    const stale = { cause: 'mount_stale', sinceMs: issuedAtMs } as const
    expect(explained({ mounted, problem: 'unmounted', drifts: [gone, stale] })).toEqual([
      'mount_gone',
      'mount_stale by mount_gone',
    ])
    expect(explained({ mounted, problem: 'unmounted', drifts: [detached, gone] })).toEqual([
      'mount_detached',
      'mount_gone by mount_detached',
    ])
  })

  it('by a sub path is told from the start of the container, and hurts when the first file expires', () => {
    const drift = { cause: 'sub_path', sinceMs: startMs, containerStartMs: startMs, isToCome: true } as const
    const told = {
      ...base,
      code: 'sub_path',
      subject: mounted.labels,
      sinceMs: startMs,
      impactMs: endMs,
      evidence: { containerStartMs: startMs, mountedNotAfterMs: endMs },
      remedy: 'manifest',
    }
    expect(judge({ mounted, drifts: [drift] })).toEqual([told])
    const { isToCome, ...begun } = drift
    expect(isToCome).toBe(true)
    expect(judge({ mounted, drifts: [begun] })[0]).not.toHaveProperty('impactMs')
  })

  it('by another SPIFFE ID is told with both', () => {
    const otherId = 'spiffe://other.example/web'
    expect(judge({ mounted, drifts: [{ cause: 'wrong_identity', sinceMs: undefined, otherId }] })).toMatchObject([
      { code: 'wrong_identity', evidence: { spiffeId: mounted.svid.spiffeId, otherId }, remedy: 'driver' },
    ])
  })

  const notReloaded = { cause: 'not_reloaded', sinceMs: issuedAtMs + 40 * minute, port: 8443 } as const
  const behind = (atMs: number): Partial<SvidFacts> => ({
    mounted: renewedFacts('mounted', atMs, issuedAtMs + 40 * minute),
    served: copyFacts('served', atMs),
    drifts: [notReloaded],
  })

  it('by a server that does not reload is told of the served copy, with its port', () => {
    const atMs = issuedAtMs + 44 * minute
    expect(judge(behind(atMs), atMs)).toEqual([
      {
        ...base,
        code: 'not_reloaded',
        subject: { ...mounted.labels, copy: 'served' },
        sinceMs: issuedAtMs + 40 * minute,
        impactMs: endMs,
        evidence: {
          port: 8443,
          servedNotAfterMs: endMs,
          mountedNotAfterMs: endMs + 40 * minute,
        },
        remedy: 'reload',
      },
    ])
  })

  it.each([
    ['its renewal was missed', missedMs + 1, 'renewal_missed'],
    ['it has expired', endMs + 1, 'expired'],
  ])('by a server that does not reload hurts: %s', (_, atMs, code) => {
    expect(judge(behind(atMs), atMs)).toMatchObject([
      { code: 'not_reloaded' },
      { code, severity: 'critical', subject: { copy: 'served' }, remedy: 'reload', explainedBy: '' },
    ])
  })

  it('by a detached mount hurts when what containers have expires', () => {
    const atMs = endMs + 1
    const renewed = renewedFacts('mounted', atMs, issuedAtMs + 50 * minute)
    const held = copyFacts('mounted', atMs)
    expect(judge({ mounted: renewed, held, drifts: [detached] }, atMs)).toMatchObject([
      { code: 'mount_detached' },
      { code: 'expired', severity: 'critical', remedy: 'new_pod', impactMs: endMs },
    ])
    expect(explained({ mounted: renewed, drifts: [detached] }, atMs)).toEqual(['mount_detached'])
  })

  const bySubPath = { cause: 'sub_path', sinceMs: startMs, containerStartMs: startMs } as const

  it.each([detached, bySubPath])('by $cause hurts when what the server presents expires', (drift) => {
    const atMs = endMs + 1
    const renewed = renewedFacts('mounted', atMs, issuedAtMs + 50 * minute)
    const served = copyFacts('served', atMs)
    expect(judge({ mounted: renewed, served, drifts: [drift] }, atMs)).toMatchObject([
      { code: drift.cause, impactMs: endMs },
      { code: 'expired', severity: 'critical', subject: { copy: 'served' }, remedy: 'new_pod', impactMs: endMs },
    ])
    const fresh = renewedFacts('served', atMs, issuedAtMs + 50 * minute)
    expect(explained({ mounted: renewed, served: fresh, drifts: [drift] }, atMs)).toEqual([drift.cause])
  })
})

it.each([
  ['mounted', { issued: renewedFacts('issued', endMs + 1, endMs), mounted: renewedFacts('mounted', endMs + 1, endMs) }],
  ['only issued', { issued: renewedFacts('issued', endMs + 1, endMs) }],
])('a served copy that is not known to be behind is no problem while another one is %s', (_, copies) => {
  expect(explained({ ...copies, served: copyFacts('served', endMs + 1) }, endMs + 1)).toEqual([])
})

it('what a configured target presents is judged by itself', () => {
  const served = copyFacts('served', endMs + 1)
  expect(judge({ served }, endMs + 1)).toMatchObject([{ code: 'expired', subject: { copy: 'served' } }])
})

describe('a copy that peers refuse', () => {
  it('is told with the reason, the detail and when it began', () => {
    const refused = { copy: mounted, reason: 'unknown_authority', sinceMs: startMs, detail: 'no authority' } as const
    expect(judge({ mounted, refused })).toEqual([
      {
        ...base,
        severity: 'critical',
        code: 'peer_refuses',
        subject: mounted.labels,
        reason: 'unknown_authority',
        sinceMs: startMs,
        impactMs: startMs,
        evidence: { notAfterMs: endMs, message: 'no authority' },
        remedy: 'bundle',
      },
    ])
  })

  it('is told with the authority that has signed it, if one has', () => {
    const served = copyFacts('served', nowMs)
    const authority = 'ab'.repeat(32)
    const refused = { copy: served, reason: 'chain_expired', sinceMs: startMs, detail: '', authority } as const
    expect(judge({ mounted, served, refused })).toMatchObject([
      { subject: { copy: 'served' }, evidence: { notAfterMs: endMs, authority }, remedy: 'issuer' },
    ])
  })

  it.each(Object.keys(refusedReasons) as (keyof typeof refusedReasons)[])('because of %s has a remedy', (reason) => {
    const refused = { copy: mounted, reason, sinceMs: undefined, detail: '' }
    expect(['issuer', 'bundle']).toContain(judge({ mounted, refused })[0]?.remedy)
  })
})
