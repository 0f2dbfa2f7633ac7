import { asSeenBy, lasting, problems } from './problems.ts'
import type { Severity } from '../src/diagnosis/codes.ts'
import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const issuer = 'cluster, trust_domain, issuer'
const inTime = '{{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}'

/** Returns how much time is left of the CAs about which svidwatch says so, in seconds. */
function leftOf(severity: Severity): string {
  const [seen, otherwise] = asSeenBy('certificateRequests', problems('ca_expiring', severity))
  return promql`
    max by (${issuer}) (spire_server_ca_cert_expiry_seconds)
    and on (${issuer})
    (
      (${seen})
      or
      (${otherwise})
    )
  `
}

const expiring: Omit<AlertingRule, 'severity' | 'expr' | 'reason'> = {
  alert: 'SPIFFECAExpiringSoon',
  for: lasting('ca_expiring'),
  keepFiringFor: '5m',
  summary: `The CA of {{ $labels.issuer }} ${inTime}`,
  description: `A certificate in the chain behind the newest SVID of {{ $labels.issuer }} in {{ $labels.trust_domain }} ${inTime}, and the issuer still uses it. Every SVID signed with it is invalid once it has expired.`,
  meaning: 'A certificate in the chain of an issuer is about to expire, and the issuer still uses it.',
  labels: ['cluster', 'trust_domain', 'issuer'],
}

/** The CAs behind SVIDs. Which CA an issuer uses is known from its newest SVID, so an issuer that has issued nothing since may use another one. */
export const authorities: RuleGroup = {
  name: 'svidwatch-authorities',
  rules: [
    {
      ...expiring,
      severity: 'warning',
      expr: leftOf('warning'),
      reason:
        'cert-manager replaces a CA when a third of its lifetime is left, and SPIRE switches to the next CA when a sixth is left. An issuer that still uses a CA with less than 15 % left has done neither. For a CA of many years, 15 % are years, and 30 days are early enough. Within the 2 min, a restarted svidwatch reads the SVIDs that were issued meanwhile.',
    },
    {
      ...expiring,
      severity: 'critical',
      expr: leftOf('critical'),
      reason:
        'The issuer still used the CA with 10 % of its lifetime left, and no more than 5 days remain. Or 5 % of its lifetime are left: by then, every SVID signed with a CA that was replaced has been renewed. All SVIDs of the issuer are at stake at once.',
    },
  ],
}
