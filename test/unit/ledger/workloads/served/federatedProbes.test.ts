import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../../../src/identity/verdict.ts'
import type { X509Svid } from '../../../../../src/identity/x509Svid.ts'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { ServedObservation } from '../../../../../src/ledger/workloads/observations.ts'
import { epochMs, pod, podList, svid } from '../../../../support/observations.ts'
import { hour, minute, watch } from '../../../../support/watchedLedger.ts'

const partner = 'partner.example'
const endpointOf = (trustDomain: string) =>
  ({
    kind: 'bundleEndpoint',
    endpoint: { trustDomain, url: `https://${trustDomain}/bundle`, profile: 'https_web' },
  }) as const

const accepted = (notAfterMs = epochMs + 24 * hour): Verdict => ({
  authority: 'cd'.repeat(32),
  period: { notBeforeMs: epochMs - hour, notAfterMs },
})
const refused: Verdict = { refusal: 'unknown_authority', detail: '' }

const foreign = (overrides: Partial<X509Svid> = {}) =>
  svid({ spiffeId: `spiffe://${partner}/web`, trustDomain: partner, ...overrides })

const presents = (ledger: Ledger, result: ServedObservation['result'], address = 'web.partner.example:8443') => {
  ledger.report({ kind: 'served', served: { target: { address }, result } })
}

/** The counts that are not 0. */
const counts = (ledger: Ledger) =>
  [...ledger.federatedProbes()]
    .filter(({ count }) => count > 0)
    .map(({ trustDomain, result, count }) => `${trustDomain} ${result} ${count}`)

describe('a probe of a configured target', () => {
  it.each<readonly [string, ServedObservation['result'], string]>([
    ['that verifies', { svid: foreign(), verdict: accepted() }, 'verified'],
    ['that does not verify', { svid: foreign(), verdict: refused }, 'refused'],
    ['that cannot be verified, because no bundle was fetched', { svid: foreign() }, 'no_bundle'],
    ['that has expired', { svid: foreign({ notAfterMs: epochMs - 1 }), verdict: accepted() }, 'refused'],
    ['whose authority has expired', { svid: foreign(), verdict: accepted(epochMs - 1) }, 'refused'],
    [
      'that becomes valid later',
      { svid: foreign({ notBeforeMs: epochMs + 4 * minute }), verdict: accepted() },
      'refused',
    ],
  ])('with an SVID %s is counted', (_, result, expected) => {
    const { ledger } = watch(endpointOf(partner))
    presents(ledger, result)
    expect(counts(ledger)).toEqual([`${partner} ${expected} 1`])
  })

  it('is counted at its own time, each once', async () => {
    const { ledger, clock } = watch(endpointOf(partner))
    presents(ledger, { svid: foreign() })
    presents(ledger, { svid: foreign(), verdict: accepted() })
    presents(ledger, { svid: foreign(), verdict: refused }, 'api.partner.example:8443')
    await clock.advance(2 * hour)
    expect(counts(ledger)).toEqual([`${partner} verified 1`, `${partner} refused 1`, `${partner} no_bundle 1`])
    presents(ledger, { svid: foreign(), verdict: accepted() })
    expect(counts(ledger)).toEqual([`${partner} verified 1`, `${partner} refused 2`, `${partner} no_bundle 1`])
  })

  it('without an SVID is not counted', () => {
    const { ledger } = watch(endpointOf(partner))
    presents(ledger, { outcome: 'timeout', detail: '' })
    expect(counts(ledger)).toEqual([])
  })

  it('with an SVID of a trust domain without a bundle endpoint is not counted, however many there are', () => {
    const { ledger } = watch(endpointOf(partner))
    for (let number = 0; number < 100; number += 1)
      presents(ledger, { svid: foreign({ trustDomain: `${number}.example` }), verdict: accepted() })
    expect([...ledger.federatedProbes()].map(({ trustDomain }) => trustDomain)).toEqual([partner, partner, partner])
    expect(counts(ledger)).toEqual([])
  })
})

it('a probe of a pod is not counted, even with an SVID of a trust domain with a bundle endpoint', () => {
  const { ledger } = watch(endpointOf(partner), ...podList(pod()))
  const target = { podUid: 'pod-1', port: 8443 }
  ledger.report({ kind: 'served', served: { target, result: { svid: foreign(), verdict: accepted() } } })
  expect(counts(ledger)).toEqual([])
})

it('each trust domain with a bundle endpoint begins with zeros', () => {
  const { ledger } = watch(endpointOf(partner), endpointOf('other.example'))
  expect([...ledger.federatedProbes()].map(({ trustDomain, result, count }) => [trustDomain, result, count])).toEqual(
    [partner, 'other.example'].flatMap((one) => ['verified', 'refused', 'no_bundle'].map((result) => [one, result, 0])),
  )
})

it('without bundle endpoints, there are no counts', () => {
  const { ledger } = watch()
  presents(ledger, { svid: foreign(), verdict: accepted() })
  expect([...ledger.federatedProbes()]).toEqual([])
})
