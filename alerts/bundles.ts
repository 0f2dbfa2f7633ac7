import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const bundle = 'cluster, trust_domain'
const down = `max by (${bundle}) (spiffe_bundle_up) == 0`
const age = promql`
  max by (${bundle}) (timestamp(spiffe_bundle_up))
  - max by (${bundle}) (spire_bundle_refresh_timestamp)
`.replaceAll('\n', ' ')

const stale: Omit<AlertingRule, 'severity' | 'expr' | 'reason'> = {
  alert: 'TrustBundleStale',
  summary: 'The trust bundle of {{ $labels.trust_domain }} is {{ $value | humanizeDuration }} old',
  description:
    'The bundle endpoint of {{ $labels.trust_domain }} has given no bundle that can be used for {{ $value | humanizeDuration }}. Once that trust domain changes its authorities, its SVIDs are no longer accepted here.',
  meaning: 'The bundle of a trust domain has not been fetched for longer than it should be.',
  labels: ['cluster', 'trust_domain'],
}

/** The trust bundles of other trust domains. */
export const bundles: RuleGroup = {
  name: 'svidwatch-bundles',
  rules: [
    {
      ...stale,
      severity: 'warning',
      expr: promql`
        (${age})
        > on (${bundle}) (
          3 * clamp(max by (${bundle}) (spiffe_bundle_refresh_hint_seconds), 200, 3600)
          or on (${bundle}) max by (${bundle}) (spire_bundle_refresh_timestamp) * 0 + 900
        )
        and on (${bundle}) ${down}
      `,
      reason:
        'svidwatch asks as often as the bundle hints, between 10 s and 1 h, and every 5 min where it gives no hint: three times that, and no less than 10 min, is more than a moment of trouble.',
    },
    {
      ...stale,
      severity: 'critical',
      expr: promql`
        (${age})
        > on (${bundle})
        (
          max by (${bundle}) (spiffe_bundle_not_after_timestamp_seconds)
          - max by (${bundle}) (spire_bundle_refresh_timestamp)
        ) / 2
        and on (${bundle}) ${down}
      `,
      reason:
        'More than half of what its newest authority had left at the last good fetch has passed: the trust domain has changed its authorities by now, or is about to.',
    },
    {
      alert: 'TrustBundleExpired',
      severity: 'critical',
      expr: promql`
        max by (${bundle}) (timestamp(spiffe_bundle_up))
        - max by (${bundle}) (spiffe_bundle_not_after_timestamp_seconds)
        > 0
      `,
      keepFiringFor: '5m',
      summary: 'The trust bundle of {{ $labels.trust_domain }} has expired',
      description:
        'The newest X.509 authority in the last bundle of {{ $labels.trust_domain }} expired {{ $value | humanizeDuration }} ago: whoever has no newer bundle refuses every X.509-SVID of that trust domain.',
      meaning: 'Every X.509 authority in the bundle of a trust domain has expired.',
      reason:
        'Nothing that such a bundle verifies is valid, whether its endpoint answers or not. Older authorities that have expired beside a valid one are normal.',
      labels: ['cluster', 'trust_domain'],
    },
    {
      alert: 'FederationEndpointUnreachable',
      severity: 'warning',
      expr: promql`
        ${down}
        unless on (${bundle})
        max by (${bundle}) (spire_bundle_refresh_timestamp)
      `,
      for: '15m',
      keepFiringFor: '5m',
      summary: 'The trust bundle of {{ $labels.trust_domain }} could never be fetched',
      description:
        'The bundle endpoint of {{ $labels.trust_domain }} has never given a bundle that can be used. Its address, its profile or what it is trusted by is wrong, or it is down.',
      meaning: 'The bundle of a trust domain could never be fetched.',
      reason: 'Three attempts at the usual interval of 5 min.',
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
        'The bundle endpoint of {{ $labels.trust_domain }} serves a bundle with a smaller spiffe_sequence than the last one, which was refused: it was restored from an old state, or several servers do not agree.',
      meaning: 'A bundle endpoint serves an older bundle than before.',
      reason:
        'Endpoints are asked once an hour at the least, so that 2 h have seen the regression; for 15 min no server behind the endpoint had a newer bundle.',
      labels: ['cluster', 'trust_domain'],
    },
  ],
}
