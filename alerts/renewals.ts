import { incidentRules } from './incidents.ts'
import { byName, copy, mostNamed, ofNumber, place, svid, workload, workloadLabels, workloadName } from './labels.ts'
import { asLastTold, lastTold, since, unsure } from './problems.ts'
import { promql, type RecordingRule, type RuleGroup } from './rule.ts'

const missed = 'spiffe:svid_renewal_missed:since_timestamp_seconds'
const expiry = 'spiffe:svid_renewal_missed:not_after_timestamp_seconds'
const attributed = 'spiffe:svid_renewal_missed:attributed_timestamp_seconds'
const named = 'spiffe:svid_expiring_soon:expiry_seconds'
const notified = 'spiffe:svid_expiring_soon:notified'
const expired = 'spiffe:svid_expired:expiry_seconds'
const unnamed = 'spiffe:svids_expiring_soon:count'
const down = 'spiffe:svid_issuance_down:count'

/** How long Alertmanager waits before it notifies of an alert (`group_wait`). */
const groupWait = '20s'

/** The missed renewals that may wake somebody. */
const renewals = 'code=~"renewal_missed|expired",muted=""'

/** Returns those that match and were missed by the clock of Prometheus: what has expired by another clock was missed long before. */
const told = (matchers: readonly string[]): string => {
  const of = (code: string) => `${since}{${[`code="${code}"`, 'muted=""', ...matchers].join(',')}}`
  return `(${of('renewal_missed')} <= time() or ${of('expired')})`
}

const ofIssuer = 'explained_by="issuer_down"'

/** What has a page of its own, which speaks for the workloads that it explains. */
const explained = 'explained_by=~"issuer_down|incident"'

/** The mounts on nodes that containers do not have: what is mounted there says nothing of the SVIDs that the containers read. */
const detached = `${since}{code="mount_detached"}`

/**
 * Returns the missed renewals that match, without those of which another svidwatch knows better: it knows the same copy, or a mounted
 * one instead of an issued one, and its renewal is not due yet.
 */
const missedRenewals = (...matchers: readonly string[]): string => promql`
  (
    ${told([...matchers, 'copy="mounted"'])}
    unless on (${svid})
    (
      spiffe_svid_renewal_due_timestamp_seconds{copy="mounted"} > time()
      unless on (${copy}) ${detached}
    )
  )
  or
  (
    ${told([...matchers, 'copy="served"'])}
    unless on (${svid}) (spiffe_svid_renewal_due_timestamp_seconds{copy="served"} > time())
  )
  or
  (
    ${told([...matchers, 'copy!~"mounted|served"'])}
    unless on (${svid}) (spiffe_svid_renewal_due_timestamp_seconds > time())
  )
`

const indented = (text: string, spaces: number): string => text.replaceAll('\n', `\n${' '.repeat(spaces)}`)

const lastIssued =
  '{{ with printf "max(spiffe_issuer_last_issued_timestamp_seconds{cluster=%q,issuer=%q})" $labels.cluster $labels.issuer | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}'

/** Returns how much time an SVID has left, by the variable that holds the seconds until its expiry. */
const timeLeft = (seconds: string): string =>
  `{{ if lt ${seconds} 0.0 }}expired {{ ${seconds} | humanizeDuration | reReplaceAll "^-" "" }} ago{{ else if gt ${seconds} 1e12 }}expires at a time that is not exported{{ else }}expires in {{ ${seconds} | humanizeDuration }}{{ end }}`

/** Names the workloads whose SVIDs expire first, of those that an issuer does not renew. */
const firstToExpire = `{{ with printf \`sort(bottomk(3, max by (${place}) (spiffe_svid_not_after_timestamp_seconds{cluster=%[1]q,issuer=%[2]q} and on (${place}, copy) ${since}{${renewals},${ofIssuer},cluster=%[1]q,issuer=%[2]q}) - time()))\` $labels.cluster $labels.issuer | query }} First: {{ range $index, $one := . }}{{ $left := $one.Value }}{{ if $index }}, {{ end }}{{ or $one.Labels.file (printf "%s/%s" $one.Labels.namespace $one.Labels.pod) }} (${timeLeft('$left')}){{ end }}.{{ end }}`

/** Names the namespaces with most missed renewals. */
const mostIn = `{{ with printf "sort_desc(topk(3, count by (namespace) (${expiry}{cluster=%q})))" $labels.cluster | query }} Most missed renewals are in {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ or $one.Labels.namespace "files" }} ({{ $one.Value }}){{ end }}.{{ end }}`

const svidOfWorkload = `The SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }}`
const issuerOfWorkload = '{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }}'

const recorded: readonly RecordingRule[] = [
  {
    record: notified,
    expr: promql`
      ${named}
      and ${named} offset ${groupWait}
    `,
    meaning: `The workloads whose alert by name has been firing for ${groupWait}, after which Alertmanager notifies of it, as of the last evaluation.`,
  },
  {
    record: missed,
    expr: promql`
      max by (${copy}, code) (
        (
          ${indented(missedRenewals(), 10)}
        )
        unless on (${svid})
        (
          ${since}{${renewals},${explained}}
          unless on (${svid}) last_over_time(${notified}[5m])
        )
      )
    `,
    meaning:
      'Since when the renewal of a copy counts as missed, or since when it has expired (by `code`), for each copy whose missed renewal is the page of its workload. Those that an issuer that is down or an incident explains are not among them, unless somebody has been notified of them already: their alert would end and begin again.',
  },
  {
    record: expiry,
    expr: promql`
      max by (${workload}) (
        ${missed}{code="expired"}
        or on (${copy})
        (
          spiffe_svid_not_after_timestamp_seconds
          and on (${copy}) ${missed}
          unless on (${copy}) ${detached}
        )
        or on (${copy}) ${missed}{code="renewal_missed"} + Inf
      )
    `,
    meaning:
      'When the SVID of a workload expires, for each workload whose missed renewal is its page. It is infinite if no series tells when: svidwatch has left it out, or containers have an older mount than their node.',
  },
  {
    record: attributed,
    expr: promql`
      ${expiry}{issuer!=""}
      or on (${svid})
      (
        ${expiry}{issuer=""}
        * on (${svid}) group_left (issuer)
        bottomk by (${svid}) (1, last_over_time(${named}[15m])) ^ 0
      )
      or on (${svid})
      ${expiry}
    `,
    meaning:
      'The same. A workload keeps the issuer that it had in an alert within the last 15 min where no request names its issuer any more, as after a restart of svidwatch: an alert whose labels change is a new page.',
  },
  {
    record: named,
    expr: promql`
      (
        ${attributed}
        and
        ${byName(attributed)}
      ) - time()
    `,
    meaning:
      'Seconds until the SVID of a workload expires, for the workloads that have an alert by name: of 100 of each cluster, first the 10 of each namespace and then all others whose SVIDs expire first.',
  },
  {
    record: expired,
    expr: promql`
      ${named}
      and on (${svid}) ${missed}{code="expired"} <= time()
    `,
    meaning: 'The same for those of them that have expired.',
  },
  {
    record: unnamed,
    expr: promql`
      count by (cluster) (
        ${expiry}
        unless on (${svid}) ${named}
      )
    `,
    meaning: 'The number of workloads that have missed their renewal and have no alert by name.',
  },
  {
    record: down,
    expr: promql`
      count by (cluster, issuer) (
        group by (${svid}, issuer) (
          ${indented(missedRenewals(ofIssuer), 10)}
        )
      )
    `,
    meaning: 'The number of workloads whose missed renewal is explained by their issuer, which is down.',
  },
  unsure,
  asLastTold(
    down,
    'The number of workloads for which SVIDIssuanceDown fires. It keeps its last value for up to 5 min while a svidwatch of the cluster is unsure.',
  ),
  asLastTold(
    named,
    'Seconds until the SVID of a workload expires, for the workloads for which SVIDExpiringSoon fires. It keeps its last value in the same way.',
  ),
  asLastTold(
    unnamed,
    'The number of workloads for which SVIDsExpiringSoon fires. It keeps its last value in the same way.',
  ),
  asLastTold(
    expired,
    'Seconds until the SVID of a workload expires, for the workloads for which SVIDExpired fires. It keeps its last value in the same way.',
  ),
]

/** Missed renewals: the only alerts about single workloads that wake someone. */
export const renewalAlerts: RuleGroup = {
  name: 'svidwatch-renewals',
  rules: [
    ...recorded,
    {
      alert: 'SVIDIssuanceDown',
      severity: 'critical',
      expr: lastTold(down),
      summary: '{{ $labels.issuer }} issues no SVIDs{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}',
      description: `{{ $labels.issuer }} has issued no SVID${lastIssued}, and requests wait or fail. ${ofNumber('1 workload has', '{{ $value }} workloads have')} missed the renewal so far. A workload cannot connect any more once its SVID has expired.${firstToExpire} Restarting pods makes it worse.`,
      meaning:
        'An issuer no longer issues SVIDs, or nobody approves the requests for them, and several workloads have missed their renewal.',
      reason:
        'svidwatch decides: at least two renewals were missed, because a single one says little about an issuer that is rarely used, and SVIDExpiringSoon names that workload. One of the workloads has asked since, or was refused in the 6 min before, because its driver asks again only after them; or a request was already waiting when the last of the renewals was missed. Nothing has been issued since the last of the missed renewals was due: an issuer that works has issued SVIDs to others by then. A workload is among them until an SVID was issued for it and its driver has had the time to fetch it, or until 7 min after the issuer is back: drivers try again up to 6 min later. What is not mounted then has its own page.',
      labels: ['cluster', 'issuer'],
    },
    ...incidentRules,
    {
      alert: 'SVIDExpiringSoon',
      severity: 'critical',
      expr: lastTold(named),
      summary: `The SVID of ${workloadName} was not renewed and ${timeLeft('$value')}`,
      description: `${svidOfWorkload} was not renewed and ${timeLeft('$value')}.${issuerOfWorkload}`,
      meaning: 'The renewal of the SVID of a workload was missed.',
      reason:
        'A renewal that succeeds on a retry within a quarter of the time from renewal due to expiry needs nobody. At 27 % it counts as missed, and most of that time is still left. All of this is relative to the lifetime, so there is no `for`. The alert ends when svidwatch no longer tells the problem; it goes on for up to 5 min while a svidwatch is away, blind or has just started, so that a gap in scraping or a restart does not page again. At most 100 workloads of a cluster have this alert: those that expire first, 10 of each namespace before all others. SVIDsExpiringSoon counts the rest. What an issuer that is down or another incident explains is the page of the incident.',
      labels: workloadLabels,
    },
    {
      alert: 'SVIDsExpiringSoon',
      severity: 'critical',
      expr: lastTold(unnamed),
      summary: `${ofNumber('The SVID of 1 more workload was', 'The SVIDs of {{ $value }} more workloads were')} not renewed{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}`,
      description: `Besides the ${mostNamed} workloads that SVIDExpiringSoon names, ${ofNumber('1 workload has', '{{ $value }} workloads have')} missed the renewal. Of each namespace, those that are named expire first.${mostIn} So many usually have one cause, such as drivers that were restarted.`,
      meaning: 'More workloads have missed their renewal than have alerts by name.',
      reason:
        'More than 100 alerts tell nobody more than 100 do, and every alert costs Prometheus and Alertmanager memory and time. The count says how many there are.',
      labels: ['cluster'],
    },
    {
      alert: 'SVIDExpired',
      severity: 'critical',
      expr: lastTold(expired),
      summary: `The SVID of ${workloadName} has expired`,
      description: `${svidOfWorkload} ${timeLeft('$value')}, so connections of the workload fail.${issuerOfWorkload}`,
      meaning: 'The SVID of a workload has expired.',
      reason:
        'The expiry has passed by the clocks of both svidwatch and Prometheus. The alert has the labels of SVIDExpiringSoon, so it updates that page, and it is bounded like it.',
      labels: workloadLabels,
    },
  ],
}
