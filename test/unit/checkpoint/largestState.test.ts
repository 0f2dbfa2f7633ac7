import { describe, expect, it } from 'vitest'
import { parseCheckpoint, serializeCheckpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import type { FailureReason } from '../../../src/ledger/issuance/reasons.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory } from '../../../src/ledger/memory.ts'
import { everyReason, largestLedger, type StateSize } from '../../support/largestState.ts'
import { memoryOf } from '../../support/ledgerReading.ts'
import { ManualClock } from '../../support/manualClock.ts'

/** A ConfigMap holds 1 MiB; some of it is left to what others put into it. */
const maxBytes = 1_000_000
const few: readonly FailureReason[] = everyReason.slice(0, 6)

function textsOf(ledger: Ledger) {
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  return { checkpoint: serializeCheckpoint(checkpoint), memory: serializeMemory(memoryOf(ledger)) }
}

describe('the state of', () => {
  const cases: readonly (readonly [string, StateSize])[] = [
    ['256 issuers with usual names and 3 reasons', { issuers: 256, nameLength: 30, reasons: everyReason.slice(0, 3) }],
    ['256 issuers with names of 135 characters and 6 reasons', { issuers: 256, nameLength: 135, reasons: few }],
    ['256 issuers with usual names and every reason', { issuers: 256, nameLength: 30, reasons: everyReason }],
    ['256 issuers with the longest names and every reason', { issuers: 256, nameLength: 324, reasons: everyReason }],
    ['2,000 issuers', { issuers: 2_000, nameLength: 135, reasons: few }],
  ]

  it.each(cases)('%s fits into a ConfigMap, and can be read again', (_, largest) => {
    const texts = textsOf(largestLedger(new ManualClock(), largest))
    expect(Buffer.byteLength(texts.checkpoint) + Buffer.byteLength(texts.memory)).toBeLessThanOrEqual(maxBytes)
    expect(parseCheckpoint(texts.checkpoint)).toMatchObject({
      checkpoint: { positions: [{ resourceVersion: '9'.repeat(20) }] },
    })
    expect(parseMemory(texts.memory)).toHaveProperty('memory')
  })
})

it('issuers beyond those that fit have no name, and all that they ended is counted', () => {
  const ledger = largestLedger(new ManualClock(), { issuers: 2_000, nameLength: 135, reasons: few })
  const fewer = largestLedger(new ManualClock(), { issuers: 100, nameLength: 135, reasons: few })
  const named = (one: Ledger) => new Set(one.checkpoint()?.totals.map(({ issuer }) => issuer)).size
  expect(named(fewer)).toBe(101)
  expect(named(ledger)).toBeGreaterThan(150)
  expect(named(ledger)).toBeLessThan(2_000)
  const failed = (one: Ledger) =>
    Array.from(one.totals('attestationFailure'), (total) => ('value' in total ? total.value : 0)).reduce(
      (all, count) => all + count,
      0,
    )
  expect(failed(ledger)).toBe(20 * failed(fewer))
})
