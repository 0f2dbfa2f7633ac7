import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const issuer = 'cluster, trust_domain, issuer'
const notAfter = 'spiffe:ca:not_after_timestamp_seconds'
const left = `max by (${issuer}) (spire_server_ca_cert_expiry_seconds)`
const lifetime = `(${notAfter} - max by (${issuer}) (spiffe_ca_not_before_timestamp_seconds))`
const leftWhenIssued = `(${notAfter} - max by (${issuer}) (spiffe_issuer_last_issued_timestamp_seconds))`
const inTime = '{{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}'

const expiring: Omit<AlertingRule, 'severity' | 'expr' | 'reason'> = {
  alert: 'SPIFFECAExpiringSoon',
  for: '2m',
  keepFiringFor: '5m',
  summary: `The CA of {{ $labels.issuer }} ${inTime}`,
  description: `A certificate of the chain behind the newest SVID of {{ $labels.issuer }} in {{ $labels.trust_domain }} ${inTime}, and the issuer still uses it. With it, every SVID that it has signed becomes invalid.`,
  meaning: 'A certificate in the chain of an issuer is about to expire, and the issuer still uses it.',
  labels: ['cluster', 'trust_domain', 'issuer'],
}

/** The CAs behind SVIDs. An issuer that has issued nothing since may use another one by now, so its last SVID tells. */
export const authorities: RuleGroup = {
  name: 'svidwatch-authorities',
  rules: [
    {
      record: notAfter,
      expr: promql`
        max by (${issuer}) (
          timestamp(spire_server_ca_cert_expiry_seconds) + spire_server_ca_cert_expiry_seconds
        )
      `,
      meaning: 'When the certificate in the chain of an issuer expires that does first.',
    },
    {
      ...expiring,
      severity: 'warning',
      expr: promql`
        ${left} < 30 * 86400
        and on (${issuer})
        ${leftWhenIssued} < 0.15 * ${lifetime}
      `,
      reason:
        'cert-manager replaces a CA when a third of its lifetime is left, and SPIRE goes over to the next one when a sixth is: an issuer that has still used it with less than 15 % left has done neither. Of a CA of many years, 15 % are years; 30 days are early enough. The 2 min are those in which a restarted svidwatch reads what was issued.',
    },
    {
      ...expiring,
      severity: 'critical',
      expr: promql`
        ${left} < 5 * 86400
        and on (${issuer})
        (
          ${leftWhenIssued} < 0.1 * ${lifetime}
          or
          ${left} < 0.05 * ${lifetime}
        )
      `,
      reason:
        'It was still used with 10 % of its lifetime left, and no more than 5 days remain; or 5 % are left, when the SVIDs that a replaced one had signed have been renewed. All SVIDs of the issuer are at stake at once.',
    },
  ],
}
