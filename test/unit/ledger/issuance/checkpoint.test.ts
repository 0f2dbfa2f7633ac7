import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseCheckpoint,
  serializeCheckpoint,
  type Checkpoint,
  type Position,
} from '../../../../src/ledger/issuance/checkpoint.ts'
import { failureReasons } from '../../../../src/ledger/issuance/reasons.ts'
import { durationNames, noTotals, type IssuerTotals } from '../../../../src/ledger/issuance/totals.ts'
import { durationBuckets } from '../../../../src/ledger/issuance/view.ts'

const count = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat())
const histogram = fc.record({
  counts: fc.array(count, { minLength: durationBuckets.length + 1, maxLength: durationBuckets.length + 1 }),
  sum: fc.double({ min: 0, max: 1e9, noNaN: true }).map((sum) => sum + 0),
})
const [approval, signing, renewal] = durationNames
const failures = Object.fromEntries(failureReasons.map((reason) => [reason, count]))
const totals: fc.Arbitrary<IssuerTotals> = fc.record({
  trustDomain: fc.stringMatching(/^[a-z.]{0,20}$/),
  issuer: fc.stringMatching(/^[A-Za-z/.-]{0,20}$/),
  namespace: fc.stringMatching(/^[a-z]{0,20}$/),
  usedMs: fc.nat(),
  attestationSuccess: count,
  identityMismatches: count,
  attestationFailure: fc.record(failures),
  [approval]: histogram,
  [signing]: histogram,
  [renewal]: histogram,
})
const uid = fc.stringMatching(/^[0-9a-f]{1,15}$/)
const position: fc.Arbitrary<Position> = fc.record({
  resourceVersion: fc.nat().map(String),
  open: fc.array(uid),
  newestCreatedMs: fc.nat(),
  recent: fc.record({
    sinceMs: fc.nat(),
    settled: fc.array(fc.tuple(fc.nat(), fc.array(uid, { maxLength: 3 })), { maxLength: 3 }),
  }),
})

const ofNamespaces = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,20}$/), position)
  .map((positions) => Object.entries(positions).map(([namespace, one]) => ({ namespace, ...one })))
const checkpoints: fc.Arbitrary<Checkpoint> = fc.record({
  totals: fc.array(totals, { maxLength: 3 }),
  positions: fc.oneof(
    position.map((one) => [one]),
    ofNamespaces,
  ),
})

const start: Position = { resourceVersion: '7', open: [], newestCreatedMs: 0, recent: { sinceMs: 0, settled: [] } }
const empty: Checkpoint = { totals: [], positions: [start] }
type Stored = Record<'reasons' | 'totals', unknown[]>
const stored = (checkpoint: Checkpoint) => JSON.parse(serializeCheckpoint(checkpoint)) as Stored

describe('a checkpoint', () => {
  it('comes back as it was, whatever was counted', () => {
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        expect(parseCheckpoint(serializeCheckpoint(checkpoint))).toEqual({ checkpoint })
      }),
    )
  })

  it('tells each failure by the name of its reason, also where they were written in another order, and fewer', () => {
    const [one, two = one] = failureReasons
    const { attestationFailure, ...rest } = noTotals('example.org', 'ClusterIssuer/a')
    const text = stored({
      ...empty,
      totals: [{ ...rest, attestationFailure: { ...attestationFailure, [one]: 1, [two]: 2 } }],
    })
    expect(text.reasons.slice(0, 2)).toEqual([one, two])
    const read = parseCheckpoint(JSON.stringify({ ...text, reasons: [two, one] }))
    expect(read).toMatchObject({
      checkpoint: { totals: [{ attestationFailure: { ...attestationFailure, [one]: 2, [two]: 1 } }] },
    })
  })

  it('of a later release counts the reasons that only that one has as those without a code of their own', () => {
    const text = stored({ ...empty, totals: [noTotals('example.org', 'ClusterIssuer/a')] })
    const [issuer] = text.totals as [unknown[]]
    issuer[5] = [1, 2, 4, 8]
    const read = parseCheckpoint(
      JSON.stringify({ ...text, reasons: ['denied_other', 'denied_on_mondays', 'failed_later', 'denied_policy'] }),
    )
    const attestationFailure = { denied_other: 3, failed_other: 4, denied_policy: 8 }
    expect(read).toMatchObject({ checkpoint: { totals: [{ attestationFailure }] } })
  })

  it('of a later release may tell more of an issuer', () => {
    const totals = [{ ...noTotals('example.org', 'ClusterIssuer/a'), namespace: 'team-a' }]
    const text = stored({ ...empty, totals })
    ;(text.totals as unknown[][])[0]?.push({ since: 1 }, 2)
    expect(parseCheckpoint(JSON.stringify(text))).toEqual({ checkpoint: { ...empty, totals } })
  })

  it.each(['ClusterIssuer/<!channel>', 'Issuer/team-a/[a](https://b.example)', 'ClusterIssuer/@here now'])(
    'leaves out what an earlier version has counted for %s, which no issuer can be named',
    (issuer) => {
      const kept = noTotals('example.org', 'ClusterIssuer/a')
      const text = serializeCheckpoint({ ...empty, totals: [noTotals('example.org', issuer), kept] })
      expect(parseCheckpoint(text)).toEqual({ checkpoint: { ...empty, totals: [kept] } })
    },
  )

  const wrong = (change: (text: Stored, issuer: unknown[]) => void) => {
    const text = stored({ ...empty, totals: [noTotals('example.org', 'ClusterIssuer/a')] })
    change(text, text.totals[0] as unknown[])
    return JSON.stringify(text)
  }
  it.each<[string, string]>([
    ['no JSON', '{'],
    ['another shape', '[]'],
    [
      'a resourceVersion that is no number',
      serializeCheckpoint({ ...empty, positions: [{ ...start, resourceVersion: '7a' }] }),
    ],
    ['a reason that is none', wrong((text) => text.reasons.push('weather'))],
    ['an issuer with a control character in its name', wrong((_, issuer) => (issuer[1] = 'a\u001b'))],
    ['a count that is negative', wrong((_, issuer) => (issuer[3] = -1))],
    ['a count that is no whole number', wrong((_, issuer) => (issuer[3] = 0.5))],
    ['more failures than reasons', wrong((_, issuer) => (issuer[5] = [...failureReasons, 'more'].map(() => 1)))],
    ['more counts than buckets', wrong((_, issuer) => (issuer[6] = [0, ...durationBuckets.map(() => 1), 1, 1]))],
    ['a part of a uid', JSON.stringify({ ...stored(empty), open: 'abc' })],
  ])('is not read from %s', (_, text) => {
    expect(parseCheckpoint(text)).toEqual({ problem: expect.stringMatching(/./) as unknown })
  })
})
