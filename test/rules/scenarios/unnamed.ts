import type { Scenario } from '../scenario.ts'
import { Exporter, issuer, warning } from '../world.ts'

const exporter = new Exporter()

const method = 'cert-manager'
const since = (start: number, perMinute: number) => (t: number) => Math.floor((Math.max(0, t - start) / 60) * perMinute)

const noDomain = ' Their trust domain is not named, because nothing was issued in it so far.'
const nothingYet = ' Their issuer is not named, because it has issued nothing so far or there are too many issuers.'
const whose = [
  ['an issuer that has issued', { trust_domain: 'example.org', issuer }, ` of ${issuer} in example.org`, ''],
  ['an issuer that has issued nothing', { trust_domain: 'example.org' }, ' in example.org', nothingYet],
  ['an issuer for another trust domain', { issuer }, ` of ${issuer}`, noDomain],
  ['an unknown trust domain', {}, '', `${nothingYet}${noDomain}`],
] as const

/** Counters that begin at 0, where they have an issuer and where they have none: what is said of it reads well. */
export const unnamed: readonly Scenario[] = whose.flatMap(([name, labels, of, more]): Scenario[] => {
  const spike = warning('SPIREAttestationFailureSpike', labels)
  const mismatch = warning('SPIFFEIdentityMismatch', labels)
  return [
    {
      name: `every request of ${name} is refused`,
      series: [
        ...exporter.self(),
        exporter.series('spire_attestation_success_total', { ...labels, method }, 0),
        exporter.series(
          'spire_attestation_failure_total',
          { ...labels, method, reason: 'denied_policy' },
          since(300, 2),
        ),
      ],
      moments: [[300], [1500, spike]],
      says: [
        {
          at: 1500,
          firing: spike,
          summary: `100% of the requests for SVIDs${of} are denied or fail`,
          description: `In the last 15 min, 100% of the requests for SVIDs${of} were denied or failed.${more}`,
        },
      ],
    },
    {
      name: `a request of ${name} claims another identity`,
      series: [
        ...exporter.self(),
        exporter.series('spiffe_identity_annotation_mismatches_total', labels, (t) => (t < 300 ? 0 : 1)),
      ],
      moments: [[285], [300, mismatch]],
      says: [
        {
          at: 900,
          firing: mismatch,
          summary: 'A CertificateRequest claims a different SPIFFE ID than its certificate',
          description: `In the last 15 min, a CertificateRequest${of} had an annotation with a different SPIFFE ID than its certificate. svidwatch goes by the certificate, but somebody may be trying to deceive.`,
        },
      ],
    },
  ]
})
