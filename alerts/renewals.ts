import { copy, place, workload, workloadLabels, workloadName } from './labels.ts'
import { promql, type RecordingRule, type RuleGroup } from './rule.ts'

const requestsSeen = 'svidwatch:requests_seen_timestamp_seconds'
const overdue = 'spiffe:svid_overdue'
const due = `${overdue}:renewal_due_timestamp_seconds`
const notAfter = `${overdue}:not_after_timestamp_seconds`
const page = `${overdue}:page_timestamp_seconds`
const observed = `${overdue}:observed_timestamp_seconds`
const seen = `${overdue}:seen_timestamp_seconds`
const late = `${overdue}:expiry_seconds`
const missed = 'spiffe:svid_renewal_missed:expiry_seconds'
const unissued = 'spiffe:svid_renewal_unissued:due_timestamp_seconds'

/**
 * The share of the time from renewal due to expiry after which a renewal counts as missed. A retry may succeed within the first
 * quarter; the rest is for clocks that differ a little.
 */
export const missedShare = 0.27

/** The labels that identify one svidwatch. */
const target = 'cluster, job, instance'

/** The clock of each svidwatch. */
const clock = `max by (${target}) (svidwatch_time_seconds)`

/** When each svidwatch last received anything about CertificateRequests. */
const requestsContact = `max by (${target}) (svidwatch_source_last_contact_timestamp_seconds{source="certificateRequests"})`

/** How many seconds a file counts as seen after a node role last reported it: longer silence makes the node role silent. */
const silence = '15'

/** Since when the renewal of the workload that a notification names is due. */
const dueSince = `{{ with printf "max(${due}{cluster=%q,namespace=%q,pod=%q,volume=%q,node=%q,file=%q})" $labels.cluster $labels.namespace $labels.pod $labels.volume $labels.node $labels.file | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}`

const lastIssued =
  '{{ with printf "max(spiffe_issuer_last_issued_timestamp_seconds{cluster=%q,issuer=%q})" $labels.cluster $labels.issuer | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}'

/** The workloads that expire first, of those for which nothing is issued. */
const firstToExpire = `{{ with printf "sort(bottomk(3, ${missed}{cluster=%q,issuer=%q} and on (${place}, issuer) ${unissued}))" $labels.cluster $labels.issuer | query }}, first {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ or $one.Labels.file (printf "%s/%s" $one.Labels.namespace $one.Labels.pod) }}{{ end }}{{ end }}`

const timeLeft =
  '{{ if lt $value 0.0 }}expired {{ $value | humanizeDuration | reReplaceAll "^-" "" }} ago{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}'

const svidOfWorkload = `The SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }}`

const mountedOverdue = `(spiffe_svid_last_observed_timestamp_seconds{copy="mounted"} and on (${place}) ${due})`

/**
 * The copies whose renewal is due, which are few while all is well: what follows takes no more than the copies of their
 * workloads. Of several exporters, the one that knows the newest SVID decides.
 */
const overdueCopies: readonly RecordingRule[] = [
  {
    record: due,
    expr: `max by (${copy}) (spiffe_svid_renewal_due_timestamp_seconds) < time()`,
    meaning: 'When the renewal of a copy was due, of those copies where that time has come.',
  },
  {
    record: notAfter,
    expr: promql`
      max by (${copy}) (
        spiffe_svid_not_after_timestamp_seconds and on (${place}) ${due}
      )
    `,
    meaning: 'When such a copy expires; also the other one of the same workload.',
  },
  {
    record: page,
    expr: `${due} + ${missedShare} * (${notAfter} - ${due})`,
    meaning: 'From when on such a copy is worth a page: 27 % of the time from renewal due to expiry has passed.',
  },
  {
    record: requestsSeen,
    expr: promql`
      (
        ${clock}
        and on (${target}) (svidwatch_source_up{source="certificateRequests"} == 1)
      )
      or
      (last_over_time(${requestsSeen}[15m]) > ${requestsContact})
      or
      ${requestsContact}
    `,
    meaning:
      'When a svidwatch last knew which CertificateRequests there are, by its own clock: now, while it watches them. What was known stays known once svidwatch loses sight: a page must not end because of that.',
  },
  {
    record: observed,
    expr: promql`
      (
        (
          ${mountedOverdue}
          > on (${target}) group_left () (${clock} - ${silence})
        ) * 0
        + on (${target}) group_left () ${clock}
      )
      or
      ${mountedOverdue}
      or
      (
        (spiffe_svid_renewal_due_timestamp_seconds{copy="issued"} and on (${place}) ${due}) * 0
        + on (${target}) group_left () ${requestsSeen}
      )
    `,
    meaning:
      'When a svidwatch last knew that such a copy was there, by its own clock: now, while its node role is heard or its CertificateRequests are watched. Where one copy of a workload is overdue, the other copy has this series as well.',
  },
  {
    record: seen,
    expr: promql`
      max by (${copy}) (
        (${observed} < on (${target}) group_left () max by (${target}) (timestamp(svidwatch_build_info)))
        or
        (${observed} * 0 + on (${target}) group_left () max by (${target}) (timestamp(svidwatch_build_info)))
      )
    `,
    meaning: "When such a copy was last seen, by the slower of svidwatch's clock and Prometheus's.",
  },
]

const missedRenewals: readonly RecordingRule[] = [
  {
    record: late,
    expr: promql`
      min by (${workload}) (
        (${notAfter} - ${seen})
        and
        (
          (
            (${page}{copy="mounted"} < ${seen})
            unless on (${place})
            (
              (
                max by (${place}) (spiffe_svid_renewal_due_timestamp_seconds{copy="issued"} and on (${place}) ${due})
                > (max by (${place}) (${seen}{copy="mounted"}) < max by (${place}) (${seen}{copy="issued"}))
              )
              unless on (${place}) spiffe_svid_drift{cause="mount_stale"}
            )
          )
          or
          (
            (${page}{copy="issued"} < ${seen})
            unless on (${place})
            (
              max by (${place}) (${seen}{copy="mounted"})
              > max by (${place}) (${page}{copy="issued"})
            )
          )
        )
      )
    `,
    meaning:
      'Seconds until the SVID of a workload expires, as it was last seen, of those whose renewal was missed. What is mounted decides; what was issued, where nobody has looked at the mounted one since.',
  },
  {
    record: missed,
    expr: promql`
      (
        ${late}{issuer=""}
        + on (${place}) group_left (issuer)
        0 * bottomk by (${place}) (1, last_over_time(${missed}[15m]))
      )
      or ${late}{issuer!=""}
      or on (${place}) ${late}
    `,
    meaning:
      'The same, with the issuer as it was known a while ago where svidwatch was restarted since and no request tells it any more: a page that changes its labels is another page.',
  },
  {
    record: unissued,
    expr: promql`
      max by (${place}, issuer) (
        ${due}
        and
        (
          ${page}
          < on (cluster) group_left ()
          max by (cluster) (${requestsSeen})
        )
        and on (${place}, issuer) ${missed}
      )
      unless on (${place}) spiffe_svid_drift{cause="mount_stale"}
    `,
    meaning:
      'When the renewal was due that a workload missed, where no newer SVID was issued for it, as far as requests have been seen since it was missed.',
  },
]

/** Missed renewals: the only thing about single workloads that wakes someone. */
export const renewals: RuleGroup = {
  name: 'svidwatch-renewals',
  rules: [
    ...overdueCopies,
    ...missedRenewals,
    {
      alert: 'SVIDIssuanceDown',
      severity: 'critical',
      expr: promql`
        count by (cluster, issuer) (${unissued}{issuer!=""}) >= 2
        unless on (cluster, issuer)
        (
          max by (cluster, issuer) (spiffe_issuer_last_issued_timestamp_seconds)
          >= max by (cluster, issuer) (${unissued})
        )
        and on (cluster, issuer)
        (
          (
            min by (cluster, issuer) (spiffe_certificate_request_oldest_waiting_timestamp_seconds)
            < max by (cluster, issuer) (${page} and on (${place}) ${unissued})
          )
          or
          max by (cluster, issuer) (increase(spire_attestation_failure_total[10m])) > 0
        )
      `,
      keepFiringFor: '10m',
      summary: '{{ $labels.issuer }} issues no SVIDs{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}',
      description: `{{ $labels.issuer }} has issued no SVID${lastIssued}, and requests wait or fail. {{ $value }} workloads have missed the renewal so far and will not be able to connect once their SVIDs expire${firstToExpire}. Restarting pods makes it worse.`,
      meaning:
        'An issuer, or the approver of its requests, issues nothing any more, and several workloads have missed their renewal.',
      reason:
        'At least two renewals were missed (a single one says little of its issuer where few ask, and SVIDExpiringSoon names it), the request of one or an older one waits, or requests have failed in the last 10 min, and nothing was issued since the last of the missed renewals was due: an issuer that works has issued for others by then. It goes on for 10 min, since drivers try again up to 6 min after it is back.',
      labels: ['cluster', 'issuer'],
    },
    {
      alert: 'SVIDExpiringSoon',
      severity: 'critical',
      expr: missed,
      keepFiringFor: '5m',
      summary: `The SVID of ${workloadName} was not renewed and ${timeLeft}`,
      description: `${svidOfWorkload} ${timeLeft}. Its renewal is due${dueSince}.{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}`,
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
      description: `${svidOfWorkload} ${timeLeft}: its connections fail. Its renewal is due${dueSince}.{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}`,
      meaning: 'The SVID that a workload has was seen to have expired.',
      reason:
        'Its expiry has passed by both clocks. It has the labels of SVIDExpiringSoon, so that it is an update of that page.',
      labels: workloadLabels,
    },
  ],
}
