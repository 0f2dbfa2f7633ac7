import { copy, place, workload, workloadLabels, workloadName } from './labels.ts'
import { promql, type RuleGroup } from './rule.ts'

const overdue = 'spiffe:svid_overdue'
const missed = 'spiffe:svid_renewal_missed:expiry_seconds'

/** Where the renewal of the workload that a notification names is due since. */
const dueSince = `{{ with printf "max(${overdue}:renewal_due_timestamp_seconds{namespace=%q,pod=%q,volume=%q,file=%q})" $labels.namespace $labels.pod $labels.volume $labels.file | query }}{{ . | first | value | humanizeTimestamp }}{{ end }}`

const timeLeft =
  '{{ if lt $value 0.0 }}expired {{ $value | humanizeDuration | reReplaceAll "^-" "" }} ago{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}'

/**
 * Missed renewals. The first rules narrow all copies down to those whose renewal is due, which are few while all is well; what
 * follows joins only these. Of several exporters, the one that knows the newest SVID decides.
 */
export const renewals: RuleGroup = {
  name: 'svidwatch-renewals',
  rules: [
    {
      record: `${overdue}:renewal_due_timestamp_seconds`,
      expr: `max by (${copy}) (spiffe_svid_renewal_due_timestamp_seconds) < time()`,
      meaning: 'When the renewal of a copy was due, of those copies where that time has come.',
    },
    {
      record: `${overdue}:not_after_timestamp_seconds`,
      expr: promql`
        max by (${copy}) (
          spiffe_svid_not_after_timestamp_seconds
          and on (${copy}) ${overdue}:renewal_due_timestamp_seconds
        )
      `,
      meaning: 'When such a copy expires.',
    },
    {
      record: `${overdue}:page_timestamp_seconds`,
      expr: promql`
        ${overdue}:renewal_due_timestamp_seconds
        + 0.27 * (${overdue}:not_after_timestamp_seconds - ${overdue}:renewal_due_timestamp_seconds)
      `,
      meaning: 'From when on such a copy is worth a page: once 27 % of the time from renewal due to expiry has passed.',
    },
    {
      record: `${overdue}:observed_timestamp_seconds`,
      expr: promql`
        max by (${copy}) (
          spiffe_svid_last_observed_timestamp_seconds{source="mounted"}
          and on (${place}) ${overdue}:renewal_due_timestamp_seconds
        )
        or
        max by (${copy}) (
          (
            spiffe_svid_renewal_due_timestamp_seconds{source="issued"}
            and on (${copy}) ${overdue}:renewal_due_timestamp_seconds
          ) * 0
          + on (cluster, job, instance) group_left ()
          max by (cluster, job, instance) (
            svidwatch_source_last_contact_timestamp_seconds{source="certificateRequests"}
          )
        )
      `,
      meaning:
        "When svidwatch last saw such a copy, by its own clock; of workloads whose issued copy is due, the mounted copy's time as well.",
    },
    {
      record: `${overdue}:scraped_timestamp_seconds`,
      expr: promql`
        max by (${copy}) (
          timestamp(spiffe_svid_renewal_due_timestamp_seconds)
          and on (${copy}) ${overdue}:renewal_due_timestamp_seconds
        )
      `,
      meaning: "When such a copy was last scraped, by Prometheus's clock.",
    },
    {
      record: `${overdue}:seen_timestamp_seconds`,
      expr: promql`
        (${overdue}:observed_timestamp_seconds < ${overdue}:scraped_timestamp_seconds)
        or
        (${overdue}:scraped_timestamp_seconds <= ${overdue}:observed_timestamp_seconds)
      `,
      meaning: 'When such a copy was last seen, by the slower of both clocks.',
    },
    {
      record: missed,
      expr: promql`
        max by (${workload}) (
          ${overdue}:not_after_timestamp_seconds - ${overdue}:seen_timestamp_seconds
          and
          (
            (
              ${overdue}:page_timestamp_seconds{source="mounted"} < ${overdue}:seen_timestamp_seconds
            )
            or
            (
              ${overdue}:page_timestamp_seconds{source="issued"} < ${overdue}:seen_timestamp_seconds
              unless on (${place})
              (
                max by (${place}) (${overdue}:observed_timestamp_seconds{source="mounted"})
                > max by (${place}) (${overdue}:page_timestamp_seconds{source="issued"})
              )
            )
          )
        )
      `,
      meaning:
        'Seconds until the SVID of a workload expires, as it was last seen, of those whose renewal was missed. What is mounted decides where it is known.',
    },
    {
      alert: 'SVIDIssuanceDown',
      severity: 'critical',
      expr: promql`
        count by (cluster, issuer) (${missed}{issuer!=""})
        and on (cluster, issuer) (
          max by (cluster, issuer) (timestamp(spiffe_certificate_request_oldest_waiting_timestamp_seconds))
          - min by (cluster, issuer) (spiffe_certificate_request_oldest_waiting_timestamp_seconds)
          > 20
        )
        unless on (cluster, issuer) (
          max by (cluster, issuer) (spiffe_svid_not_before_timestamp_seconds{source="issued"})
          >= min by (cluster, issuer) (spiffe_certificate_request_oldest_waiting_timestamp_seconds)
        )
      `,
      keepFiringFor: '10m',
      summary: 'Nothing is issued by {{ $labels.issuer }}: {{ $value }} workloads have missed their renewal',
      description:
        'Requests for SVIDs of {{ $labels.issuer }} wait, and none of them has been issued since the oldest was made {{ with printf "time() - min(spiffe_certificate_request_oldest_waiting_timestamp_seconds{issuer=%q})" $labels.issuer | query }}{{ . | first | value | humanizeDuration }} ago{{ end }}. {{ $value }} workloads have missed their renewal and will lose their identity one after the other.',
      meaning:
        'An issuer, or the approver of its requests, issues nothing any more, and workloads have missed their renewal.',
      reason:
        'A healthy issuer answers within 20 s. While it is down, requests wait and nothing is issued after the oldest of them was made. It goes on for 10 min after recovery, since the driver tries again after up to 5 min.',
      labels: ['cluster', 'issuer'],
    },
    {
      alert: 'SVIDExpiringSoon',
      severity: 'critical',
      expr: missed,
      keepFiringFor: '5m',
      summary: `The SVID of ${workloadName} was not renewed and ${timeLeft}`,
      description: `The SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }} ${timeLeft}. Its renewal is due since ${dueSince}.{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}`,
      meaning: 'The renewal of the SVID of a workload was missed.',
      reason:
        'A renewal that succeeds on a retry within a quarter of the time from renewal due to expiry is nothing to page for; at 27 % it was missed, and most of that time is left. It is relative to the lifetime, so that there is no `for`. It goes on for 5 min, so that a gap in scraping or a restart of svidwatch does not page again.',
      labels: workloadLabels,
    },
    {
      alert: 'SVIDExpired',
      severity: 'critical',
      expr: `${missed} < 0`,
      keepFiringFor: '5m',
      summary: `The SVID of ${workloadName} has expired`,
      description: `The SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }} ${timeLeft}: its connections fail. Its renewal is due since ${dueSince}.`,
      meaning: 'The SVID that a workload has was seen to have expired.',
      reason: 'Its expiry has passed by both clocks. It is an update of SVIDExpiringSoon, with the same labels.',
      labels: workloadLabels,
    },
  ],
}
