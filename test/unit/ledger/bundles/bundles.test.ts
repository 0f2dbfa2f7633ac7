import { describe, expect, it } from 'vitest'
import { bundleFromJson } from '../../../../src/identity/bundleDocument.ts'
import type { SpiffeBundle } from '../../../../src/identity/spiffeBundle.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { RememberedBundle } from '../../../../src/ledger/bundles/remembered.ts'
import { emptyMemory, parseMemory, serializeMemory } from '../../../../src/ledger/memory.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { bundleProblems, type BundleProblem } from '../../../../src/ledger/bundles/reasons.ts'
import { fixtureText } from '../../../support/fixtures.ts'
import { epochMs } from '../../../support/observations.ts'
import { minute, watch } from '../../../support/watchedLedger.ts'
import { memoryOf } from '../../../support/ledgerReading.ts'

const trustDomain = 'partner.example'
const endpoint = { trustDomain, url: 'https://partner.example/', profile: 'https_spiffe' } as const
const asked: Observation = { kind: 'bundleEndpoint', endpoint }
const bundle = (sequence?: bigint, ...ders: string[]): SpiffeBundle => ({
  ...(sequence !== undefined && { sequence }),
  x509Authorities: ders.map((der) => ({ der, notAfterMs: 1 })),
  jwtAuthorities: [],
})
const gave = (sequence?: bigint, bootstrap?: string): Observation => ({
  kind: 'bundle',
  trustDomain,
  bundle: bundle(sequence, 'QUJD'),
  ...(bootstrap !== undefined && { bootstrap }),
})
const failed = (reason: BundleProblem): Observation => ({ kind: 'bundleTrouble', trustDomain, reason, detail: reason })
const only = (ledger: Ledger) => [...ledger.bundles()][0]

describe('a bundle endpoint', () => {
  it('is shown from the start, with every reason', () => {
    const view = only(watch(asked).ledger)
    expect(view).toMatchObject({ endpoint, concluded: false, up: false, fetches: 0 })
    expect(view).not.toHaveProperty('lastContactMs')
    expect([...(view?.failures ?? [])]).toEqual(Object.keys(bundleProblems).map((reason) => [reason, 0]))
  })

  it('keeps its last good bundle, and tells what is wrong, since when, and since when it is lost', async () => {
    const { ledger, clock } = watch(asked, gave(1n))
    await clock.advance(minute)
    ledger.report(failed('timeout'))
    await clock.advance(minute)
    ledger.report(failed('unreachable'))
    expect(only(ledger)).toMatchObject({
      bundle: { sequence: 1n },
      concluded: true,
      up: false,
      lastContactMs: epochMs,
      trouble: { reason: 'unreachable', detail: 'unreachable', sinceMs: epochMs + 2 * minute },
      lostMs: epochMs + minute,
      fetches: 1,
    })
    expect([...(only(ledger)?.failures ?? [])].filter(([, count]) => count > 0)).toEqual([
      ['unreachable', 1],
      ['timeout', 1],
    ])
    ledger.report(gave(2n))
    expect(only(ledger)).toMatchObject({
      bundle: { sequence: 2n },
      up: true,
      lastContactMs: epochMs + 2 * minute,
      fetches: 2,
    })
    expect(only(ledger)).not.toHaveProperty('trouble')
  })

  it('keeps its counts when it is named again', () => {
    const { ledger } = watch(asked, gave(1n), { kind: 'bundleEndpoint', endpoint: { ...endpoint, url: 'https://b/' } })
    expect(only(ledger)).toMatchObject({ endpoint: { url: 'https://b/' }, bundle: { sequence: 1n }, fetches: 1 })
  })
})

describe('what is remembered of a bundle', () => {
  const remembered = (sequence?: string, bootstrap = 'first'): RememberedBundle => ({
    trustDomain,
    bootstrap,
    refreshedMs: 1,
    ...(sequence !== undefined && { sequence }),
    authorities: ['T0xE'],
    jwtAuthorities: [],
  })
  const fetched = { authorities: ['QUJD'] }

  it.each<[string, string | undefined, bigint | undefined, string | undefined, object]>([
    ['the fetched one where it is newer', '1', 2n, 'first', fetched],
    ['the fetched one where it is the same', '2', 2n, 'first', fetched],
    ['the remembered one where it is newer', '3', 2n, 'first', remembered('3')],
    ['the one of the larger number, not of the longer word', '10', 9n, 'first', remembered('10')],
    ['the fetched one where another bundle is configured', '3', 2n, 'second', fetched],
    ['the fetched one where the Web PKI is trusted', '3', 2n, undefined, fetched],
    ['the fetched one where the remembered one has no sequence', undefined, 2n, 'first', fetched],
    ['the fetched one where it has no sequence', '3', undefined, 'first', fetched],
  ])('is %s, whichever comes first', (_, before, now, bootstrap, expected) => {
    const memory = { ...emptyMemory, bundles: [remembered(before)] }
    const { ledger } = watch(asked)
    ledger.restore(memory)
    ledger.report(gave(now, bootstrap))
    expect(ledger.rememberedBundle(trustDomain)).toMatchObject(expected)
    const { ledger: late } = watch(asked, gave(now, bootstrap))
    late.restore(memory)
    expect(memoryOf(late)).toEqual(memoryOf(ledger))
  })

  it.each(['first', undefined])(
    'is shown after a restart, until the endpoint gives another (bootstrap %s)',
    async (bootstrap) => {
      const read = bundleFromJson(fixtureText('spire/bundle-endpoint-https_web.json'))
      if ('problem' in read) throw new Error(read.detail)
      const { ledger: before } = watch(asked, {
        kind: 'bundle',
        trustDomain,
        bundle: read.bundle,
        ...(bootstrap !== undefined && { bootstrap }),
      })
      const stored = parseMemory(serializeMemory(memoryOf(before)))
      if ('problem' in stored) throw new Error(stored.problem)
      const shown = { bundle: read.bundle, lastContactMs: epochMs }

      for (const isLate of [false, true]) {
        const { ledger, clock } = watch(...(isLate ? [asked] : []))
        ledger.restore(stored.memory)
        if (!isLate) ledger.report(asked)
        await clock.advance(minute)
        ledger.report(failed('unreachable'))
        expect(only(ledger)).toMatchObject({ ...shown, fetches: 0, trouble: { reason: 'unreachable' } })
        ledger.report(gave(7n, bootstrap))
        ledger.restore(stored.memory)
        expect(only(ledger)).toMatchObject({ bundle: { sequence: 7n }, lastContactMs: clock.now(), fetches: 1 })
      }
    },
  )

  it('is when it was fetched, even where its authorities cannot be read', () => {
    const { ledger } = watch(asked)
    expect(ledger.rememberedBundle(trustDomain)).toBeUndefined()
    ledger.restore({ ...emptyMemory, bundles: [remembered('1')] })
    expect(ledger.rememberedBundle(trustDomain)).toEqual(remembered('1'))
    expect(only(ledger)).toMatchObject({ concluded: false, lastContactMs: 1 })
    expect(only(ledger)).not.toHaveProperty('bundle')
  })
})
