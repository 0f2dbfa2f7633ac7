import { describe, expect, it } from 'vitest'
import type { SpiffeBundle } from '../../../../src/identity/spiffeBundle.ts'
import { bundleProblems } from '../../../../src/ledger/bundles/reasons.ts'
import type { BundleView } from '../../../../src/ledger/bundles/view.ts'
import { bundleMetrics } from '../../../../src/metrics/catalogue/bundles.ts'
import { namesOf } from '../../../../src/metrics/catalogue.ts'
import { metricsOver, samplesOf, scrapedAtMs, scrapeText, textFrom } from '../../../support/exposition.ts'
import { bundleView } from '../../../support/fakeLedger.ts'

const hourMs = 3_600_000
const x509 = (notAfterMs: number) => ({ der: '', notBeforeMs: notAfterMs - hourMs, notAfterMs })

/** A bundle with nothing in it that a document may leave out; what is given comes on top. */
const bundle = (content: Partial<SpiffeBundle> = {}): SpiffeBundle => ({
  x509Authorities: [],
  jwtAuthorities: [],
  ...content,
})
const fetched = (content: Partial<SpiffeBundle> = {}): BundleView =>
  bundleView({ bundle: bundle(content), concluded: true, up: true, lastContactMs: scrapedAtMs - 1_500, fetches: 1 })

const trouble = { reason: 'tls_untrusted', detail: 'no known authority signed it', sinceMs: scrapedAtMs } as const
const lost = { concluded: true, up: false, trouble }
const partner = 'trust_domain="partner.example"'

const cases: readonly [what: string, view: BundleView, family: string, lines: readonly string[]][] = [
  [
    'when a bundle was last fetched',
    fetched(),
    'spire_bundle_refresh_timestamp',
    [`spire_bundle_refresh_timestamp{${partner}} ${scrapedAtMs / 1000 - 1.5}`],
  ],
  ['no refresh before the first one', bundleView(lost), 'spire_bundle_refresh_timestamp', []],
  ['an endpoint that gives bundles', fetched(), 'spiffe_bundle_up', [`spiffe_bundle_up{${partner}} 1`]],
  [
    'an endpoint that gives none any more',
    { ...fetched(), ...lost },
    'spiffe_bundle_up',
    [`spiffe_bundle_up{${partner}} 0`],
  ],
  ['an endpoint that never gave one', bundleView(lost), 'spiffe_bundle_up', [`spiffe_bundle_up{${partner}} 0`]],
  ['nothing of an endpoint that was not asked yet', bundleView(), 'spiffe_bundle_up', []],
  [
    'a sequence beyond what a float can tell',
    fetched({ sequence: 18_446_744_073_709_551_615n }),
    'spiffe_bundle_sequence',
    [`spiffe_bundle_sequence{${partner}} 18446744073709551615`],
  ],
  ['a sequence of zero', fetched({ sequence: 0n }), 'spiffe_bundle_sequence', [`spiffe_bundle_sequence{${partner}} 0`]],
  ['no sequence where there is none', fetched(), 'spiffe_bundle_sequence', []],
  [
    'the refresh hint',
    fetched({ refreshHintMs: 300_000 }),
    'spiffe_bundle_refresh_hint_seconds',
    [`spiffe_bundle_refresh_hint_seconds{${partner}} 300`],
  ],
  ['no refresh hint where there is none', fetched(), 'spiffe_bundle_refresh_hint_seconds', []],
  [
    'authorities by use, zero included',
    fetched({ x509Authorities: [x509(scrapedAtMs), x509(scrapedAtMs - hourMs)] }),
    'spiffe_bundle_authorities',
    [
      `spiffe_bundle_authorities{${partner},use="x509-svid"} 2`,
      `spiffe_bundle_authorities{${partner},use="jwt-svid"} 0`,
    ],
  ],
  ['no authorities before there is a bundle', bundleView(lost), 'spiffe_bundle_authorities', []],
  [
    'the expiry of the newest X.509 authority, whatever has expired before it',
    fetched({ x509Authorities: [x509(scrapedAtMs - hourMs), x509(scrapedAtMs + hourMs), x509(scrapedAtMs)] }),
    'spiffe_bundle_not_after_timestamp_seconds',
    [`spiffe_bundle_not_after_timestamp_seconds{${partner}} ${(scrapedAtMs + hourMs) / 1000}`],
  ],
  ['no expiry of a bundle without authorities', fetched(), 'spiffe_bundle_not_after_timestamp_seconds', []],
  [
    'the expiry of the last JWT authority',
    fetched({
      jwtAuthorities: [
        { keyId: 'a', expiresMs: scrapedAtMs + hourMs },
        { keyId: 'b', expiresMs: scrapedAtMs },
      ],
    }),
    'spiffe_bundle_jwt_expiry_timestamp_seconds',
    [`spiffe_bundle_jwt_expiry_timestamp_seconds{${partner}} ${(scrapedAtMs + hourMs) / 1000}`],
  ],
  [
    'no expiry where one JWT authority does not tell its own',
    fetched({ jwtAuthorities: [{ keyId: 'a', expiresMs: scrapedAtMs }, { keyId: 'b' }] }),
    'spiffe_bundle_jwt_expiry_timestamp_seconds',
    [],
  ],
  [
    'good fetches, zero included',
    bundleView(),
    'spiffe_bundle_fetches_total',
    [`spiffe_bundle_fetches_total{${partner}} 0`],
  ],
  [
    'failures, every reason from the start',
    bundleView(),
    'spiffe_bundle_fetch_failures_total',
    Object.keys(bundleProblems).map((reason) => `spiffe_bundle_fetch_failures_total{${partner},reason="${reason}"} 0`),
  ],
]

describe('of bundle endpoints', () => {
  it.each(cases)('%s', async (_, view, family, lines) => {
    expect(samplesOf(await scrapeText({ bundles: [view] }), family)).toEqual(lines)
  })

  it('counts failures by reason', async () => {
    const failures = new Map([['tls_expired', 3]] as const)
    const text = await scrapeText({ bundles: [bundleView({ failures })] })
    expect(samplesOf(text, 'spiffe_bundle_fetch_failures_total')).toEqual([
      `spiffe_bundle_fetch_failures_total{${partner},reason="tls_expired"} 3`,
    ])
  })

  it('tells each trust domain apart, in both formats', async () => {
    const other = { trustDomain: 'other.example', url: 'https://other.example', profile: 'https_spiffe' } as const
    const metrics = metricsOver({ bundles: [fetched({ sequence: 7n }), { ...fetched(), ...lost, endpoint: other }] })
    const text = await textFrom(metrics, 'application/openmetrics-text')
    expect(samplesOf(text, 'spiffe_bundle_up')).toEqual([
      `spiffe_bundle_up{${partner}} 1`,
      'spiffe_bundle_up{trust_domain="other.example"} 0',
    ])
    expect(samplesOf(text, 'spiffe_bundle_sequence')).toEqual([`spiffe_bundle_sequence{${partner}} 7`])
  })

  it('are silent where no endpoint is configured', async () => {
    const text = await scrapeText({})
    for (const family of namesOf(bundleMetrics)) expect([family, samplesOf(text, family)]).toEqual([family, []])
  })
})
