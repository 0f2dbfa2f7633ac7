import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const issuer = 'cluster, trust_domain, issuer'

/** Less than `share` of the lifetime of the certificate that expires first is left, and less than `most`. */
function expiring(severity: AlertingRule['severity'], share: string, most: string, reason: string): AlertingRule {
  return {
    alert: 'SPIFFECAExpiringSoon',
    severity,
    expr: promql`
      max by (${issuer}) (spire_server_ca_cert_expiry_seconds) < ${most} * 86400
      and on (${issuer})
      max by (${issuer}) (spire_server_ca_cert_expiry_seconds)
      < ${share} * (
        max by (${issuer}) (timestamp(spire_server_ca_cert_expiry_seconds) + spire_server_ca_cert_expiry_seconds)
        - max by (${issuer}) (spiffe_ca_not_before_timestamp_seconds)
      )
    `,
    for: '15m',
    keepFiringFor: '15m',
    summary:
      'The CA of {{ $labels.issuer }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}',
    description:
      'A certificate of the chain behind the newest SVID of {{ $labels.issuer }} in {{ $labels.trust_domain }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}, and it has not been replaced. With it, every SVID of this issuer becomes invalid.',
    meaning: 'A certificate in the chain of an issuer is about to expire and was not replaced.',
    reason,
    labels: ['cluster', 'trust_domain', 'issuer'],
  }
}

/** The CAs behind SVIDs. */
export const authorities: RuleGroup = {
  name: 'svidwatch-authorities',
  rules: [
    expiring(
      'warning',
      '0.15',
      '30',
      'cert-manager replaces a CA when a third of its lifetime is left, and SPIRE goes over to the next when a sixth is; below 15 %, neither has. Of a CA of many years, 15 % are years: 30 days are early enough.',
    ),
    expiring(
      'critical',
      '0.1',
      '5',
      'With 10 % of the lifetime left, and no more than 5 days, it has been missed for long, and all SVIDs of the issuer are at stake at once.',
    ),
  ],
}
