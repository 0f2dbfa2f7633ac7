import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { svidState } from '../../../src/identity/lifetime.ts'
import { renewalDueMs, renewalRules, type RenewalRule } from '../../../src/identity/renewal.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** Certificates have whole seconds. */
const anyPeriod = fc
  .record({ fromS: fc.integer({ min: 0, max: 4e9 }), lifetimeS: fc.integer({ min: 60, max: (10 * year) / 1000 }) })
  .map(({ fromS, lifetimeS }) => ({ notBeforeMs: fromS * 1000, notAfterMs: (fromS + lifetimeS) * 1000 }))
const anyRule: fc.Arbitrary<RenewalRule> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((leftShare) => ({ leftShare })),
  fc.integer({ min: 0, max: 20 * year }).map((beforeMs) => ({ beforeMs })),
)
const anyTime = fc.integer({ min: 0, max: 8e12 })

describe('when a renewal is due', () => {
  const period = { notBeforeMs: 0, notAfterMs: hour }

  it.each<[string, RenewalRule, number]>([
    ['as csi-driver-spiffe renews', renewalRules.csiDriverSpiffe, 40 * minute],
    ['as SPIRE renews at the latest', renewalRules.spire, 33 * minute],
    ['by default', renewalRules.other, 40 * minute],
    ['with a duration', { beforeMs: 20 * minute }, 40 * minute],
    ['with a share', { leftShare: 0.1 }, 54 * minute],
    ['with a duration longer than the lifetime', { beforeMs: 2 * hour }, 0],
  ])('%s', (_, rule, dueMs) => {
    expect(renewalDueMs(period, rule)).toBe(dueMs)
  })

  it('is not before the SVID was obtained', () => {
    const due = (obtainedMs: number) => renewalDueMs(period, renewalRules.other, obtainedMs)
    expect([30 * minute, 40 * minute, 50 * minute].map(due)).toEqual([40 * minute, 40 * minute, 50 * minute])
    expect(renewalDueMs(period, { beforeMs: 2 * hour }, 50 * minute)).toBe(50 * minute)
  })

  it('is not affected by an obtaining that is not within the validity, but for where it ends', () => {
    expect(renewalDueMs(period, renewalRules.other, -hour)).toBe(40 * minute)
    expect(renewalDueMs(period, renewalRules.other, 2 * hour)).toBe(hour)
  })

  it('is within the validity, and the later the later the SVID was obtained', () => {
    fc.assert(
      fc.property(anyPeriod, anyRule, anyTime, anyTime, (some, rule, one, other) => {
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)].map((ms) => renewalDueMs(some, rule, ms))
        expect(earlier).toBeGreaterThanOrEqual(some.notBeforeMs)
        expect(earlier).toBeLessThanOrEqual(later ?? 0)
        expect(later).toBeLessThanOrEqual(some.notAfterMs)
      }),
    )
  })
})

/** When a healthy writer renews; `jitter` is from -1 to 1. */
const writers = {
  csiDriverSpiffe: (notBeforeMs: number, notAfterMs: number) => notAfterMs - Math.floor((notAfterMs - notBeforeMs) / 3),
  spire: (notBeforeMs: number, notAfterMs: number, jitter: number) => {
    const halfMs = (notAfterMs - notBeforeMs) / 2
    return notAfterMs - (halfMs + (jitter * halfMs) / 10)
  },
}
const anyWriter = fc.constantFrom(...(Object.keys(writers) as (keyof typeof writers)[]))
const anyJitter = fc.double({ min: -1, max: 1, noNaN: true })
const anyDatingBack = fc.integer({ min: 0, max: hour })

describe('a healthy writer', () => {
  it('renews before the SVID counts as overdue, whenever the SVID was obtained', () => {
    fc.assert(
      fc.property(
        anyWriter,
        anyPeriod,
        anyJitter,
        anyDatingBack,
        (writer, { notBeforeMs, notAfterMs }, jitter, backMs) => {
          const obtainedMs = Math.min(notBeforeMs + backMs, notAfterMs)
          const renewsMs = Math.max(writers[writer](notBeforeMs, notAfterMs, jitter), obtainedMs)
          const dueMs = renewalDueMs({ notBeforeMs, notAfterMs }, renewalRules[writer], obtainedMs)
          expect(svidState(notAfterMs, dueMs, Math.floor(renewsMs))).toBe('valid')
        },
      ),
    )
  })

  it('of csi-driver-spiffe renews at the very millisecond', () => {
    fc.assert(
      fc.property(anyPeriod, (some) => {
        const renewsMs = writers.csiDriverSpiffe(some.notBeforeMs, some.notAfterMs)
        expect(renewalDueMs(some, renewalRules.csiDriverSpiffe)).toBe(renewsMs)
      }),
    )
  })

  it('has an SVID of 15 minutes that is dated back an hour due when it is obtained, and never before', () => {
    const issuedMs = 2 * hour
    const some = { notBeforeMs: issuedMs - hour, notAfterMs: issuedMs + 15 * minute }
    for (const rule of Object.values(renewalRules)) {
      const dueMs = renewalDueMs(some, rule, issuedMs)
      expect(dueMs).toBe(issuedMs)
      expect(svidState(some.notAfterMs, dueMs, issuedMs)).toBe('valid')
    }
  })
})
