import type { Severity } from '../src/diagnosis/codes.ts'
import { lasting, problems } from './problems.ts'
import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const bundle = 'cluster, trust_domain'
const down = `max by (${bundle}) (spiffe_bundle_up) == 0`

/** Returns how old the bundles are about which svidwatch says that they are stale, in seconds, without those that another svidwatch fetches. */
const ageOf = (severity: Severity): string => promql`
  max by (${bundle}) (timestamp(spiffe_bundle_up))
  - max by (${bundle}) (spire_bundle_refresh_timestamp)
  and on (${bundle})
  (
    ${problems('bundle_stale', severity)}
    unless on (${bundle}) (spiffe_bundle_up == 1)
  )
`

const stale: Omit<AlertingRule, 'severity' | 'expr' | 'reason'> = {
  alert: 'TrustBundleStale',
  summary: 'The trust bundle of {{ $labels.trust_domain }} is {{ $value | humanizeDuration }} old',
  description:
    'The bundle endpoint of {{ $labels.trust_domain }} has served no usable bundle for {{ $value | humanizeDuration }}. Once that trust domain changes its authorities, its SVIDs are no longer accepted here.',
  meaning: 'The trust bundle of a trust domain has not been refreshed for too long.',
  labels: ['cluster', 'trust_domain'],
}

/** The trust bundles of other trust domains. */
export const bundles: RuleGroup = {
  name: 'svidwatch-bundles',
  rules: [
    {
      ...stale,
      severity: 'warning',
      expr: ageOf('warning'),
      reason:
        'svidwatch fetches a bundle as often as its refresh hint says, at least every hour and at most every 10 s, and every 5 min where it has no hint. Three of these intervals, and at least 10 min, are more than a moment of trouble.',
    },
    {
      ...stale,
      severity: 'critical',
      expr: ageOf('critical'),
      reason:
        'More than half of the time has passed that the newest authority had left at the last good fetch. The trust domain has changed its authorities by now, or is about to.',
    },
    {
      alert: 'TrustBundleExpired',
      severity: 'critical',
      expr: promql`
        (
          time() - max by (${bundle}) (spiffe_bundle_not_after_timestamp_seconds) >= 0
        )
        and on (${bundle}) ${problems('bundle_expired')}
      `,
      keepFiringFor: '5m',
      summary: 'The trust bundle of {{ $labels.trust_domain }} has expired',
      description:
        'The newest X.509 authority in the last bundle of {{ $labels.trust_domain }} expired {{ $value | humanizeDuration }} ago. Every server that has no newer bundle refuses all X.509-SVIDs of that trust domain.',
      meaning: 'Every X.509 authority in the bundle of a trust domain has expired.',
      reason:
        'No SVID can be verified with such a bundle, whether its endpoint answers or not. Expired authorities beside a valid one are normal.',
      labels: ['cluster', 'trust_domain'],
    },
    {
      alert: 'FederationEndpointUnreachable',
      severity: 'warning',
      expr: promql`
        max by (${bundle}) (
          ${problems('bundle_unreachable')}
          unless on (${bundle}) spire_bundle_refresh_timestamp
        )
      `,
      for: lasting('bundle_unreachable'),
      keepFiringFor: '5m',
      summary: 'The trust bundle of {{ $labels.trust_domain }} has never been fetched',
      description:
        'The bundle endpoint of {{ $labels.trust_domain }} has never served a usable bundle. Either its address, its profile or its trust anchor is configured wrongly, or the endpoint is down.',
      meaning: 'The trust bundle of a trust domain has never been fetched.',
      reason: '15 min are three attempts at the usual interval of 5 min.',
      labels: ['cluster', 'trust_domain'],
    },
    {
      alert: 'FederationSequenceRegressed',
      severity: 'warning',
      expr: promql`
        max by (${bundle}) (increase(spiffe_bundle_fetch_failures_total{reason="sequence_regressed"}[2h])) > 0
        and on (${bundle}) ${down}
      `,
      for: '15m',
      keepFiringFor: '5m',
      summary: 'The bundle endpoint of {{ $labels.trust_domain }} serves an older bundle than before',
      description:
        'The bundle endpoint of {{ $labels.trust_domain }} serves a bundle whose spiffe_sequence is smaller than before, and svidwatch refuses it. Either the trust domain was restored from an old state, or several servers behind the endpoint disagree.',
      meaning: 'A bundle endpoint serves an older bundle than before.',
      reason:
        'svidwatch fetches each bundle at least once an hour, so a regression shows within 2 h. For 15 min, no server behind the endpoint has served a newer bundle.',
      labels: ['cluster', 'trust_domain'],
    },
  ],
}
