import { describe, expect, it } from 'vitest'
import type { Accepted, Verdict } from '../../../../../src/identity/verdict.ts'
import type { X509Svid } from '../../../../../src/identity/x509Svid.ts'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../../src/ledger/observations.ts'
import type { ManualClock } from '../../../../support/manualClock.ts'
import { surveyOf } from '../../../../support/ledgerReading.ts'
import {
  authority,
  bundleOf,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  svid,
} from '../../../../support/observations.ts'
import { contact, minute, watch } from '../../../../support/watchedLedger.ts'

const second = 1_000
const day = 24 * 60 * minute
const accepted: Accepted = {
  authority: 'ab'.repeat(32),
  period: { notBeforeMs: epochMs - day, notAfterMs: epochMs + 30 * minute },
}
const refused: Verdict = { refusal: 'unknown_authority', detail: 'no certificate of the bundle has signed it' }

const found = (verdict?: Verdict, one: Partial<X509Svid> = {}) =>
  mounted({ reading: { svid: svid(one) }, ...(verdict && { verdict }) })
const begun = (verdict?: Verdict, one: Partial<X509Svid> = {}) =>
  watch(...podList(pod({ mountedSinceMs: [epochMs] })), ...nodeTells('node-1', found(verdict, one)))
const find = (ledger: Ledger, verdict?: Verdict, one: Partial<X509Svid> = {}) => {
  ledger.report({ kind: 'mounted', mounted: found(verdict, one), node: 'node-1' })
}
const serves = (verdict: Verdict, one: Partial<X509Svid> = {}): Observation => ({
  kind: 'served',
  served: { target: { podUid: 'pod-1', port: 8443 }, result: { svid: svid(one), verdict } },
})

/** Lets time pass until so long after the epoch, when everything was just seen. */
async function pass(ledger: Ledger, clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(epochMs + ms - clock.now())
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
}

/** Returns the copies that peers refuse, by what a scrape and by what a diagnosis sees, which must be the same. */
function refusals(ledger: Ledger): readonly string[] {
  const shown = surveyOf(ledger).refused.map(({ labels, reason }) => `${labels.copy} ${reason}`)
  const judged = Array.from(ledger.facts(), ({ refused: one }) => one && `${one.copy.labels.copy} ${one.reason}`)
  expect(shown.slice(0, 1)).toEqual(judged.filter((one) => one !== undefined))
  return shown
}

const factsOf = (ledger: Ledger) => [...ledger.facts()][0]?.refused

describe('a mounted SVID', () => {
  it('that its own bundle does not verify is refused since it was seen, once it stays so', async () => {
    const { ledger, clock } = begun(accepted)
    await pass(ledger, clock, 10 * minute)
    find(ledger, refused, { fingerprint: 'other' })
    await pass(ledger, clock, 10 * minute + 4 * second)
    expect(refusals(ledger)).toEqual([])
    await pass(ledger, clock, 10 * minute + 5 * second)
    expect(refusals(ledger)).toEqual(['mounted unknown_authority'])
    find(ledger, { ...refused, detail: 'again' }, { fingerprint: 'third' })
    expect(factsOf(ledger)).toMatchObject({ sinceMs: epochMs + 10 * minute, detail: 'again' })
    find(ledger, accepted, { fingerprint: 'third' })
    expect(refusals(ledger)).toEqual([])
  })

  it('is not refused while its bundle and its SVID are renewed one after the other', async () => {
    const { ledger, clock } = begun(accepted)
    for (let renewal = 1; renewal <= 20; renewal += 1) {
      await pass(ledger, clock, renewal * minute)
      find(ledger, refused)
      await pass(ledger, clock, renewal * minute + 2 * second)
      expect(refusals(ledger)).toEqual([])
      find(ledger, { ...accepted, period: { ...accepted.period, notAfterMs: epochMs + day } })
    }
  })

  it('is refused once a certificate behind it has expired, and since then', async () => {
    const { ledger, clock } = begun(accepted)
    await pass(ledger, clock, 30 * minute)
    expect(refusals(ledger)).toEqual([])
    await pass(ledger, clock, 30 * minute + 1)
    expect(refusals(ledger)).toEqual(['mounted chain_expired'])
    expect(factsOf(ledger)).toMatchObject({ sinceMs: epochMs + 30 * minute, authority: accepted.authority })
  })

  it('without a bundle is refused once a certificate of its own chain has expired', async () => {
    const { ledger, clock } = begun(undefined, { chain: accepted.period })
    await pass(ledger, clock, 30 * minute + 1)
    expect(refusals(ledger)).toEqual(['mounted chain_expired'])
  })

  it.each<[string, Partial<X509Svid>, Accepted, readonly string[]]>([
    ['the leaf becomes valid within 3 minutes', { notBeforeMs: epochMs + 3 * minute }, accepted, []],
    ['the leaf becomes valid later', { notBeforeMs: epochMs + 3 * minute + 1 }, accepted, ['mounted not_valid_yet']],
    [
      'a certificate behind the leaf becomes valid later',
      {},
      { ...accepted, period: { notBeforeMs: epochMs + 3 * minute + 1, notAfterMs: epochMs + day } },
      ['mounted not_valid_yet'],
    ],
  ])('of which %s', (_, one, verdict, expected) => {
    expect(refusals(begun(verdict, one).ledger)).toEqual(expected)
  })

  it('that has expired is not refused as well', async () => {
    const { ledger, clock } = begun(refused)
    await pass(ledger, clock, 60 * minute)
    expect(refusals(ledger)).toEqual(['mounted unknown_authority'])
    await pass(ledger, clock, 60 * minute + 1)
    expect(refusals(ledger)).toEqual([])
  })

  it('that cannot be read any more is refused as when it was read last', async () => {
    const { ledger, clock } = begun(refused)
    await pass(ledger, clock, minute)
    ledger.report({
      kind: 'mounted',
      mounted: mounted({ reading: { problem: 'unreadable', detail: '' } }),
      node: 'node-1',
    })
    expect(refusals(ledger)).toEqual(['mounted unknown_authority'])
  })

  it('in a mount that containers do not have is not judged', async () => {
    const { ledger, clock } = begun(refused)
    find(ledger, refused)
    ledger.report({ kind: 'mounted', mounted: { ...found(refused), mountBirthMs: epochMs + minute }, node: 'node-1' })
    await pass(ledger, clock, 2 * minute)
    expect(refusals(ledger)).toEqual([])
  })
})

it('a served SVID is judged beside the mounted one, which comes first', async () => {
  const { ledger, clock } = begun(accepted)
  ledger.report(serves(refused))
  await pass(ledger, clock, minute)
  ledger.report(serves(refused))
  expect(refusals(ledger)).toEqual(['served unknown_authority'])
  find(ledger, refused)
  await pass(ledger, clock, 2 * minute)
  expect(refusals(ledger)).toEqual(['mounted unknown_authority', 'served unknown_authority'])
})

it('a configured file is judged with the bundle that is configured with it, whose own expiry is known', async () => {
  const path = '/run/svid.pem'
  const bundle = bundleOf(authority('a', { notAfterMs: epochMs + day }))
  const { ledger, clock } = watch({
    kind: 'file',
    file: { path, reading: { svid: svid() }, bundle, verdict: refused },
  })
  await clock.advance(minute)
  ledger.report(contact('files'))
  expect(refusals(ledger)).toEqual(['mounted unknown_authority'])
  expect(surveyOf(ledger).fileBundles).toEqual([{ file: path, notAfterMs: epochMs + day }])
  const unread = { problem: 'missing', detail: 'there is no such file' } as const
  ledger.report({ kind: 'file', file: { path, reading: { svid: svid() }, bundle: unread } })
  expect(refusals(ledger)).toEqual([])
  expect(surveyOf(ledger).fileBundles).toEqual([{ file: path, notAfterMs: epochMs + day, problem: 'missing' }])
  ledger.report({ kind: 'file', file: { path, reading: { svid: svid() } } })
  expect(surveyOf(ledger).fileBundles).toEqual([])
})
