import { describe, expect, test } from 'vitest'
import { longestPasses, mostFiring, whenFiring, type Measured } from '../../bench/rules/measured.ts'
import { readOwnMetrics } from '../../bench/rules/ownMetrics.ts'
import { issuers, outageMs, partOf, renewEveryMs, situationAt } from '../../bench/rules/scene.ts'
import { goals, linesOf, type Line } from '../../bench/rules/verdict.ts'
import { lifetimeMs } from '../../bench/certificates.ts'
import { thresholds } from '../../../src/diagnosis/thresholds.ts'
import { epochMs } from '../../support/observations.ts'

const indexes = [...Array(2000).keys()]
const outageSinceMs = epochMs - outageMs

describe('a workload', () => {
  test('has a fresh SVID when all is well', () => {
    for (const index of indexes) {
      const { issuedMs, askedMs } = situationAt(partOf(index, 'well'), epochMs, outageSinceMs)
      expect(epochMs - issuedMs).toBeGreaterThanOrEqual(0)
      expect(epochMs - issuedMs).toBeLessThan(renewEveryMs)
      expect(askedMs).toBeUndefined()
    }
  })

  test('is renewed at even intervals, at any time of day', () => {
    const part = partOf(7, 'well')
    const { issuedMs } = situationAt(part, epochMs, outageSinceMs)
    expect(situationAt(part, issuedMs + renewEveryMs - 1, outageSinceMs).issuedMs).toBe(issuedMs)
    expect(situationAt(part, issuedMs + renewEveryMs, outageSinceMs).issuedMs).toBe(issuedMs + renewEveryMs)
  })

  const inOutage = indexes.map((index) => {
    const part = partOf(index, 'outage')
    return { ...part, ...situationAt(part, epochMs, outageSinceMs) }
  })
  const down = inOutage.filter(({ issuer }) => issuer === issuers.large)
  const leftOut = inOutage.filter(({ fate }) => fate === 'left out')

  test('of the issuer that is down has missed its renewal, and waits since it was due', () => {
    const safeMs = lifetimeMs - renewEveryMs
    for (const { issuedMs, askedMs = NaN } of down) {
      expect(issuedMs).toBeLessThanOrEqual(outageSinceMs)
      expect(askedMs).toBe(issuedMs + renewEveryMs)
      expect(epochMs - askedMs).toBeGreaterThan(thresholds.missedShare * safeMs)
    }
  })

  test.each([
    ['of the issuer that is down', down],
    ['that nobody renews', leftOut],
  ])('%s may have expired, but not each', (_, some) => {
    const expired = some.filter(({ issuedMs }) => issuedMs + lifetimeMs < epochMs)
    expect(expired.length / some.length).toBeGreaterThan(0.5)
    expect(expired.length).toBeLessThan(some.length)
  })

  test('that nobody renews has not asked, and is one of the issuer that works', () => {
    expect(new Set(leftOut.map(({ issuer, askedMs }) => `${issuer} ${askedMs}`))).toEqual(
      new Set([`${issuers.small} undefined`]),
    )
  })
})

test('the metrics of Prometheus have the last evaluation of each group', () => {
  const own = readOwnMetrics(
    [
      'go_memstats_heap_inuse_bytes 1.5e+08',
      'prometheus_rule_group_iterations_missed_total{rule_group="/etc/a;b.yaml;renewals"} 3',
      'prometheus_rule_group_iterations_missed_total{rule_group="/etc/a;b.yaml;copies"} 1',
      'prometheus_rule_group_last_duration_seconds{rule_group="/etc/a;b.yaml;renewals"} 25.1',
      'prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="/etc/a;b.yaml;renewals"} 1.7e+09',
    ].join('\n'),
  )
  const pass = { group: 'renewals', atSeconds: 1.7e9, seconds: 25.1 }
  expect(own).toEqual({ heapBytes: 1.5e8, missedPasses: 4, passes: [pass] })
})

test('metrics without evaluations are refused', () => {
  expect(() => readOwnMetrics('go_memstats_heap_inuse_bytes 1\n')).toThrow('no evaluations of rule groups')
})

test('the longest evaluation of a group counts', () => {
  const passes = [1, 3, 2].map((seconds) => ({ group: 'renewals', atSeconds: seconds, seconds }))
  expect(longestPasses([...passes, { group: 'copies', atSeconds: 1, seconds: 0.5 }])).toEqual(
    new Map([
      ['renewals', 3],
      ['copies', 0.5],
    ]),
  )
})

/** Alerts of one name, severity and issuer: their number at each second from 0 on. */
const alerts = (alertname: string, issuer: string, ...counts: number[]) => ({
  metric: { alertname, issuer: `ClusterIssuer/${issuer}`, severity: 'critical' },
  values: counts.map((count, second) => [second, String(count)] as const),
})

test('alerts of one name are counted over all issuers, at one time', () => {
  const firing = [alerts('SVIDExpired', 'a', 10, 60, 0), alerts('SVIDExpired', 'b', 60, 20, 70)]
  expect(mostFiring(firing)).toEqual(new Map([['SVIDExpired', 80]]))
})

test('an alert that ends before the end was firing for a while', () => {
  const firing = [alerts('SVIDExpired', 'a', 1, 1), alerts('SVIDExpiringSoon', 'a', 1, 1, 1)]
  const when = (name: string) => whenFiring({ firing, endSeconds: 2 }, ({ alertname }) => alertname === name)
  expect(['SVIDExpired', 'SVIDExpiringSoon', 'SVIDIssuanceDown'].map(when)).toEqual([
    'for a while',
    'at the end',
    'never',
  ])
})

describe('the verdict', () => {
  const well: Measured = {
    passes: [{ group: 'renewals', atSeconds: 0, seconds: 0.9 }],
    missedPasses: 0,
    failedScrapes: 0,
    samplesInScrape: 400_000,
    rssBytes: 2e9,
    cpuShare: 0.3,
    waitedShare: 0,
    heapBytes: 1e9,
    firing: [],
    endSeconds: 1,
  }
  const outage: Measured = {
    ...well,
    firing: [
      alerts('SVIDIssuanceDown', issuers.large, 1, 1),
      alerts('SVIDExpiringSoon', issuers.small, goals.firing, goals.firing),
      alerts('SVIDExpired', issuers.small, 80, 90),
    ],
  }
  const missed = (lines: readonly Line[]) => lines.filter(({ isGood }) => isGood === false).map(({ figure }) => figure)
  const figuresMissed = (changed: Partial<Measured>, changedWell: Partial<Measured> = {}, isFull = true) =>
    missed(linesOf({ well: { ...well, ...changedWell }, outage: { ...outage, ...changed } }, isFull))

  test('is good if each goal is just reached', () => {
    expect(figuresMissed({ passes: [{ group: 'renewals', atSeconds: 0, seconds: 2 }], rssBytes: 2.4e9 })).toEqual([])
  })

  test.each<[string, Partial<Measured>, string]>([
    [
      'a slow evaluation',
      { passes: [{ group: 'renewals', atSeconds: 0, seconds: 2.1 }] },
      'longest evaluation of renewals',
    ],
    ['evaluations left out', { missedPasses: 1 }, 'evaluations left out because the one before was not done'],
    ['failed scrapes', { failedScrapes: 1 }, 'failed scrapes'],
    ['more memory in the outage', { rssBytes: 2.5e9 }, 'resident memory of Prometheus, at most'],
    [
      'too many alerts',
      { firing: [...outage.firing, alerts('SVIDExpiringSoon', issuers.large, 1)] },
      'SVIDExpiringSoon firing at once, at most',
    ],
    [
      'an issuer that no page names',
      { firing: outage.firing.filter(({ metric }) => metric.alertname !== 'SVIDIssuanceDown') },
      'pages for the issuer that is down',
    ],
    [
      'a page for the issuer that works',
      { firing: [...outage.firing, alerts('SVIDIssuanceDown', issuers.small, 1)] },
      'pages for the issuer that works',
    ],
  ])('finds %s', (_, changed, figure) => {
    expect(figuresMissed(changed)).toEqual([figure])
  })

  test('finds a page when all is well', () => {
    expect(figuresMissed({}, { firing: [alerts('SvidwatchBlind', '', 1)] })).toEqual(['pages'])
  })

  test('says nothing of memory in a small cluster', () => {
    expect(figuresMissed({ rssBytes: 2.5e9 }, {}, false)).toEqual([])
  })
})
