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

/** The share of the time from renewal due to expiry after which a renewal is missed: a quarter for retries, the rest for wrong clocks. */
export const missedShare = 0.27

/** The labels that identify one svidwatch. */
const target = 'cluster, job, instance'

/** The clock of each svidwatch. */
const clock = `max by (${target}) (svidwatch_time_seconds)`

/** When each svidwatch last received anything about CertificateRequests. */
const requestsContact = `max by (${target}) (svidwatch_source_last_contact_timestamp_seconds{source="certificateRequests"})`

/** How many seconds a file counts as seen after a node role last reported it: longer silence makes the node role silent. */
const silence = '15'

/** Says since when the renewal has been due of the workload that a notification names. */
const dueSince = `{{ with printf "max(${due}{cluster=%q,namespace=%q,pod=%q,volume=%q,node=%q,file=%q})" $labels.cluster $labels.namespace $labels.pod $labels.volume $labels.node $labels.file | query }} Its renewal has been due since {{ . | first | value | humanizeTimestamp }}.{{ end }}`

const lastIssued =
  '{{ with printf "max(spiffe_issuer_last_issued_timestamp_seconds{cluster=%q,issuer=%q})" $labels.cluster $labels.issuer | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}'

/** Names the workloads whose SVIDs expire first, of those for which nothing is issued. */
const firstToExpire = `{{ with printf "sort(bottomk(3, ${missed}{cluster=%q,issuer=%q} and on (${place}, issuer) ${unissued}))" $labels.cluster $labels.issuer | query }}, first {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ or $one.Labels.file (printf "%s/%s" $one.Labels.namespace $one.Labels.pod) }}{{ end }}{{ end }}`

const timeLeft =
  '{{ if lt $value 0.0 }}expired {{ $value | humanizeDuration | reReplaceAll "^-" "" }} ago{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}'

const svidOfWorkload = `The SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }}`

const mountedOverdue = `(spiffe_svid_last_observed_timestamp_seconds{copy="mounted"} and on (${place}) ${due})`

/**
 * The copies whose renewal is due. They are few while all is well, and all rules that follow read only the copies of their
 * workloads. Of several svidwatch, the one that knows the newest SVID decides.
 */
const overdueCopies: readonly RecordingRule[] = [
  {
    record: due,
    expr: `max by (${copy}) (spiffe_svid_renewal_due_timestamp_seconds) < time()`,
    meaning: 'When the renewal of a copy was due, for each copy whose renewal is due.',
  },
  {
    record: notAfter,
    expr: promql`
      max by (${copy}) (
        spiffe_svid_not_after_timestamp_seconds and on (${place}) ${due}
      )
    `,
    meaning: 'When a copy expires, for each copy of a workload that has a copy whose renewal is due.',
  },
  {
    record: page,
    expr: `${due} + ${missedShare} * (${notAfter} - ${due})`,
    meaning:
      'When the renewal of such a copy counts as missed: 27 % of the time from renewal due to expiry has passed.',
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
      'Until when a svidwatch knows which CertificateRequests there are, by its own clock: until now while it watches them, and until it lost sight of them otherwise.',
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
      'Until when a svidwatch knows a copy, by its own clock: until now while the node role is heard (mounted) or CertificateRequests are watched (issued). It exists for each copy of a workload that has a copy whose renewal is due.',
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
    meaning: "The same, by the slower of svidwatch's clock and Prometheus's.",
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
      'Seconds until the SVID of a workload expires, as of when it was last seen, for each workload whose renewal was missed. The mounted copy decides. The issued copy decides where svidwatch has not seen the mounted copy since.',
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
      'The same. A workload keeps the issuer that it had within the last 15 min where no request names its issuer any more, as after a restart of svidwatch: an alert whose labels change is a new page.',
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
      'When the renewal was due that a workload missed, for each workload for which no newer SVID has been issued although CertificateRequests have been seen since.',
  },
]

/** Missed renewals: the only alerts about single workloads that wake someone. */
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
      description: `{{ $labels.issuer }} has issued no SVID${lastIssued}, and requests wait or fail. {{ $value }} workloads have missed their renewal so far, and will not be able to connect once their SVIDs expire${firstToExpire}. Restarting pods makes it worse.`,
      meaning:
        'An issuer no longer issues SVIDs, or nobody approves the requests for them, and several workloads have missed their renewal.',
      reason:
        'At least two renewals were missed: a single one says little about an issuer that is rarely used, and SVIDExpiringSoon names that workload. The request of one of them, or an older request, is waiting, or requests have failed in the last 10 min. Nothing has been issued since the last of the missed renewals was due: an issuer that works has issued SVIDs to others by then. The alert goes on for 10 min, because drivers try again up to 6 min after the issuer is back.',
      labels: ['cluster', 'issuer'],
    },
    {
      alert: 'SVIDExpiringSoon',
      severity: 'critical',
      expr: missed,
      keepFiringFor: '5m',
      summary: `The SVID of ${workloadName} was not renewed and ${timeLeft}`,
      description: `${svidOfWorkload} ${timeLeft}.${dueSince}{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}`,
      meaning: 'The renewal of the SVID of a workload was missed.',
      reason:
        'A renewal that succeeds on a retry within a quarter of the time from renewal due to expiry needs nobody. At 27 % it counts as missed, and most of that time is still left. All of this is relative to the lifetime, so there is no `for`. The alert goes on for 5 min, so that a gap in scraping or a restart of svidwatch does not page again.',
      labels: workloadLabels,
    },
    {
      alert: 'SVIDExpired',
      severity: 'critical',
      expr: `${missed} < 0`,
      keepFiringFor: '5m',
      summary: `The SVID of ${workloadName} has expired`,
      description: `${svidOfWorkload} ${timeLeft}, so connections of the workload fail.${dueSince}{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}`,
      meaning: 'The SVID of a workload has expired.',
      reason:
        'The expiry has passed by the clocks of both svidwatch and Prometheus. The alert has the labels of SVIDExpiringSoon, so it updates that page.',
      labels: workloadLabels,
    },
  ],
}
