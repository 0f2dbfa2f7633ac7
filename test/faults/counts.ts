import type { Fate } from './fates.ts'

/** Values by series, each as the text format writes it: `name{label="value",…}`. */
export type Counts = ReadonlyMap<string, number>

/** The labels that the end of a request is counted under; '' is what must not be told. */
export interface Labels {
  readonly trust_domain: string
  readonly issuer: string
}

/** The series that go up by one when a request comes to its end. */
export function seriesOf(fate: Fate, who: Labels): readonly string[] {
  const approval = series('spiffe_certificate_request_approval_duration_seconds_count', who)
  switch (fate.end) {
    case 'deleted':
      return []
    case 'denied':
      return [failure(who, fate.reason)]
    case 'failed':
      return [failure(who, fate.reason), approval]
    case 'issued':
      return [
        series('spire_attestation_success_total', { ...who, method: 'cert-manager' }),
        approval,
        series('spiffe_certificate_request_signing_duration_seconds_count', who),
        series('spire_server_svid_renewal_duration_seconds_count', who),
        ...(fate.lies ? [series('spiffe_identity_annotation_mismatches_total', who)] : []),
      ]
  }
}

const failure = (who: Labels, reason: string): string =>
  series('spire_attestation_failure_total', { ...who, method: 'cert-manager', reason })

/** A label without a value is not written. */
function series(name: string, labels: object): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '')
  const text = pairs.map(([label, value]) => `${label}="${String(value)}"`).join(',')
  return text === '' ? name : `${name}{${text}}`
}

const counted = new RegExp(
  `^(${[
    'spire_attestation_(success|failure)_total',
    'spiffe_identity_annotation_mismatches_total',
    '(spiffe_certificate_request_(approval|signing)|spire_server_svid_renewal)_duration_seconds_(bucket|sum|count)',
  ].join('|')})({|$)`,
)

/** What an exposition shows of the ends of the requests of these trust domains, and of those that are told without one. */
export function shownIn(exposition: string, trustDomains: readonly string[]): Counts {
  const samples = exposition.split('\n').map((line) => {
    const end = line.lastIndexOf(' ')
    return [line.slice(0, end), Number(line.slice(end + 1))] as const
  })
  const isMeant = (one: string) => {
    const trustDomain = /trust_domain="([^"]*)"/.exec(one)?.[1]
    return trustDomain === undefined || trustDomains.includes(trustDomain)
  }
  return new Map(samples.filter(([one]) => counted.test(one) && isMeant(one)))
}

/** Whether a series has one truth: sums of seconds, and the buckets that they fall into, depend on when the steps were seen. */
export const isExact = (one: string): boolean => !/_(bucket|sum)({|$)/.test(one)
