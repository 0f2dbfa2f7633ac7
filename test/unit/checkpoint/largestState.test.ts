import { describe, expect, it } from 'vitest'
import { Committer } from '../../../src/checkpoint/committer.ts'
import { parseCheckpoint, serializeCheckpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import type { FailureReason } from '../../../src/ledger/issuance/reasons.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory } from '../../../src/ledger/memory.ts'
import { everyReason, largestLedger, type Largest } from '../../support/largestState.ts'
import { ManualClock } from '../../support/manualClock.ts'

/** A ConfigMap holds 1 MiB; some of it is left to what others put into it. */
const maxBytes = 1_000_000
const few: readonly FailureReason[] = everyReason.slice(0, 6)
const signal = new AbortController().signal

function textsOf(ledger: Ledger) {
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  return { checkpoint: serializeCheckpoint(checkpoint), memory: serializeMemory(ledger.memory()) }
}

/** What is told of a commit, and whether the totals are shown behind it. */
async function committed(ledger: Ledger, clock: ManualClock) {
  const told: string[] = []
  const stored = { load: () => Promise.resolve({ text: undefined }), save: () => Promise.resolve('saved' as const) }
  const store = { place: 'ConfigMap monitoring/svidwatch-state', ...stored }
  const committer = new Committer({
    ledger,
    store,
    clock,
    intervalMs: 5_000,
    onProblem: (message) => told.push(message),
  })
  await committer.commit(signal)
  const shown = [...ledger.totals('attestationSuccess')].filter((total) => 'value' in total && total.value > 0)
  return { told, shown: shown.length }
}

describe('the state of', () => {
  const cases: readonly (readonly [string, Largest])[] = [
    ['256 issuers with usual names and 3 reasons', { issuers: 256, nameLength: 30, reasons: everyReason.slice(0, 3) }],
    ['256 issuers with names of 135 characters and 6 reasons', { issuers: 256, nameLength: 135, reasons: few }],
    ['256 issuers with usual names and every reason', { issuers: 256, nameLength: 30, reasons: everyReason }],
    ['256 issuers with the longest names and every reason', { issuers: 256, nameLength: 324, reasons: everyReason }],
    ['2,000 issuers', { issuers: 2_000, nameLength: 135, reasons: few }],
  ]

  it.each(cases)('%s fits into a ConfigMap, and can be read again', (_, largest) => {
    const texts = textsOf(largestLedger(new ManualClock(), largest))
    expect(Buffer.byteLength(texts.checkpoint) + Buffer.byteLength(texts.memory)).toBeLessThanOrEqual(maxBytes)
    expect(parseCheckpoint(texts.checkpoint)).toMatchObject({ checkpoint: { resourceVersion: '9'.repeat(20) } })
    expect(parseMemory(texts.memory)).toHaveProperty('memory')
  })
})

describe('a commit', () => {
  it('of which something had to be left out says so, and all totals are shown nevertheless', async () => {
    const clock = new ManualClock()
    const ledger = largestLedger(clock, { issuers: 2_000, nameLength: 135, reasons: everyReason })
    const { told, shown } = await committed(ledger, clock)
    expect(told).toEqual([expect.stringMatching(/ConfigMap monitoring\/svidwatch-state.*left out/)])
    expect(shown).toBe(2_000)
  })

  it('of which nothing had to be left out says nothing', async () => {
    const clock = new ManualClock()
    const ledger = largestLedger(clock, { issuers: 10, nameLength: 30, reasons: few })
    expect(await committed(ledger, clock)).toEqual({ told: [], shown: 10 })
  })
})
