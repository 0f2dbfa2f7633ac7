import { ofNumber, podLabels } from './labels.ts'
import { lasting, problems, since, unexplained } from './problems.ts'
import { promql, type RuleGroup } from './rule.ts'

const issuer = 'cluster, trust_domain, issuer'

/** The issuer and trust domain of the SVIDs. The issuer is not named as long as it has issued nothing. */
const ofIssuer =
  '{{ if $labels.issuer }} of {{ $labels.issuer }}{{ end }}{{ if $labels.trust_domain }} in {{ $labels.trust_domain }}{{ end }}'

/** The SVIDs that are renewed too often, of the issuer that a notification names. */
const tooOften = (by: string): string =>
  `printf \`group by (${by}) (${since}{code="renewed_too_often",muted="",cluster=%q,issuer=%q})\` $labels.cluster $labels.issuer | query`

/** The same one in every notification. */
const example = `{{ with ${tooOften('namespace, pod, volume')} | sortByLabel "volume" | sortByLabel "pod" | sortByLabel "namespace" | first }}, such as {{ .Labels.namespace }}/{{ .Labels.pod }} (volume {{ .Labels.volume }}),{{ end }}`
const onOneNode = `{{ with ${tooOften('node')} }}{{ if eq (len .) 1 }} All of them are on node {{ (first .).Labels.node }}.{{ end }}{{ end }}`

/** Names the pods of a namespace that have been waiting longest, with the reason. */
const longest = `{{ with printf \`sort(bottomk(3, min by (pod, reason) (${since}{code="not_issued",muted="",explained_by="",cluster=%q,namespace=%q})))\` $labels.cluster $labels.namespace | query }}: {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ $one.Labels.pod }} ({{ $one.Labels.reason }}){{ end }}{{ if gt $value 3.0 }} and others{{ end }}{{ end }}`

/** Requests for SVIDs: whether they are answered, and how fast. */
export const issuance: RuleGroup = {
  name: 'svidwatch-issuance',
  rules: [
    {
      record: 'spire_server_latency_svid_renewal',
      expr: promql`
        histogram_quantile(
          0.99,
          sum by (${issuer}, le) (rate(spire_server_svid_renewal_duration_seconds_bucket[15m]))
        )
      `,
      meaning:
        'The time, in seconds, within which 99 % of the renewals of the last 15 min were done, from the creation of the request to the issued SVID.',
    },
    {
      alert: 'SVIDIssuanceSlow',
      severity: 'warning',
      expr: promql`
        spire_server_latency_svid_renewal
        and on (${issuer}) ${problems('issuer_slow')}
      `,
      for: lasting('issuer_slow'),
      summary: `SVIDs${ofIssuer} take {{ $value | humanizeDuration }} to be issued`,
      description: `In the last 15 min, the slowest 1 % of the SVIDs${ofIssuer} took {{ $value | humanizeDuration }} or longer from request to certificate.`,
      meaning: 'SVIDs are issued, but too slowly.',
      reason:
        'csi-driver-spiffe gives up an attempt after 60 s, and half of that is too close. With fewer than 10 SVIDs in 15 min, a single slow one would decide.',
      labels: ['cluster', 'trust_domain', 'issuer'],
    },
    {
      alert: 'SVIDIssuanceStuck',
      severity: 'warning',
      expr: promql`
        max by (cluster, issuer, reason) (
          max by (cluster, job, instance) (
            svidwatch_source_last_contact_timestamp_seconds{source="certificateRequests"}
          )
          - on (cluster, job, instance) group_right ()
          spiffe_certificate_request_oldest_waiting_timestamp_seconds
        ) > 600
      `,
      keepFiringFor: '5m',
      summary:
        'An SVID of {{ $labels.issuer }} has been requested without an answer for {{ $value | humanizeDuration }}: {{ $labels.reason }}',
      description:
        'The CertificateRequests for an SVID of {{ $labels.issuer }} have had no answer for {{ $value | humanizeDuration }}. The reason is {{ $labels.reason }}.',
      meaning: 'An SVID is requested, and the requests are neither issued nor refused.',
      reason:
        'After 10 min, the driver has tried four times. The time counts from the first request on, also where the driver replaces its requests, so that each one waits only for a moment. It is known as of the last evidence of the watch, which comes at least once a minute.',
      labels: ['cluster', 'issuer', 'reason'],
    },
    {
      alert: 'SVIDNotIssued',
      severity: 'warning',
      expr: promql`
        count by (cluster, namespace) (
          group by (cluster, namespace, pod) (${unexplained('not_issued')})
        )
      `,
      for: lasting('not_issued'),
      keepFiringFor: '5m',
      summary: `${ofNumber('1 pod', '{{ $value }} pods')} in {{ $labels.namespace }} ${ofNumber('has', 'have')} no known SVID`,
      description: `${ofNumber('1 pod in the namespace {{ $labels.namespace }} mounts', '{{ $value }} pods in the namespace {{ $labels.namespace }} mount')} a volume for an SVID, but svidwatch knows of no SVID for it${longest}. A pod that waits for its first SVID does not start. A pod that runs has requested its next SVID, which has not been issued.`,
      meaning: 'Pods mount a volume for an SVID, but svidwatch knows of no SVID for it.',
      reason:
        'A pod has its SVID within seconds of being scheduled, so 15 min are far more than a slow start. svidwatch says so only while it sees CertificateRequests.',
      labels: ['cluster', 'namespace'],
    },
    {
      alert: 'SVIDRenewedTooOften',
      severity: 'warning',
      expr: promql`
        count by (cluster, issuer) (
          group by (${podLabels.join(', ')}) (${problems('renewed_too_often')})
        )
      `,
      for: lasting('renewed_too_often'),
      keepFiringFor: '15m',
      summary: `SVIDs{{ if $labels.issuer }} of {{ $labels.issuer }}{{ end }} are renewed far too often`,
      description: `${ofNumber('1 SVID', '{{ $value }} SVIDs')}{{ if $labels.issuer }} of {{ $labels.issuer }}{{ end }}${example} ${ofNumber('was', 'were')} renewed at least three times in a row before a quarter of the time until the expiry had passed.${onOneNode} Either the issuer dates certificates back by so much that their renewal is due at once, or a driver requests new ones without need.`,
      meaning: 'SVIDs are renewed long before their renewal is due, again and again.',
      reason:
        'A healthy SVID is renewed after half of its time or later. Three renewals in a row that come before a quarter of it can be a rollout or a test; what goes on for 15 min is neither. The alert goes on for 15 min, because a restarted svidwatch has to see three renewals again.',
      labels: ['cluster', 'issuer'],
    },
    {
      alert: 'SPIREAttestationFailureSpike',
      severity: 'warning',
      expr: promql`
        sum by (${issuer}) (increase(spire_attestation_failure_total[15m]))
        / (
          sum by (${issuer}) (increase(spire_attestation_failure_total[15m]))
          + sum by (${issuer}) (increase(spire_attestation_success_total[15m]))
        ) > 0.1
        and on (${issuer})
        max by (${issuer}) (sum by (${issuer}, job, instance) (increase(spire_attestation_failure_total[15m]))) >= 20
        and on (${issuer})
        sum by (${issuer}) (increase(spire_attestation_failure_total[5m])) > 0
      `,
      for: '5m',
      keepFiringFor: '5m',
      summary: `{{ $value | humanizePercentage }} of the requests for SVIDs${ofIssuer} are denied or fail`,
      description: `In the last 15 min, {{ $value | humanizePercentage }} of the requests for SVIDs${ofIssuer} were denied or failed.{{ if not $labels.issuer }} Their issuer is not named, because it has issued nothing so far or there are too many issuers.{{ end }}{{ if not $labels.trust_domain }} Their trust domain is not named, because nothing was issued in it so far.{{ end }}`,
      meaning: 'A large share of the requests for SVIDs is denied or fails.',
      reason:
        'A pod that may not have an SVID requests one again and again, up to fifteen times in 15 min. One request in ten, and 20 failures in 15 min, are more than one pod among many. Failures that do not go on for 5 min, such as denials until a wrong setting was put right, need nobody.',
      labels: ['cluster', 'trust_domain', 'issuer'],
    },
    {
      alert: 'SPIFFEIdentityMismatch',
      severity: 'warning',
      expr: `max by (${issuer}) (${problems('identity_mismatch')})`,
      keepFiringFor: '5m',
      summary: 'A CertificateRequest claims a different SPIFFE ID than its certificate',
      description: `In the last 15 min, a CertificateRequest${ofIssuer} had an annotation with a different SPIFFE ID than its certificate. svidwatch goes by the certificate, but somebody may be trying to deceive.`,
      meaning: 'The annotation of a CertificateRequest claims a different SPIFFE ID than its certificate.',
      reason: 'A driver never makes such a request, so a single one is enough.',
      labels: ['cluster', 'trust_domain', 'issuer'],
    },
  ],
}
