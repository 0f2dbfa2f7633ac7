import { alertAfter } from '../src/diagnosis/codes.ts'
import { mostNamed, named, ofNumber, svid, workload, workloadLabels, workloadName } from './labels.ts'
import { lasting, problems, since } from './problems.ts'
import { promql, type Rule } from './rule.ts'

const refused = 'spiffe:svid_refused:since_timestamp_seconds'
const fired = 'spiffe:svid_refused:fired'
const ofEach = 'spiffe:svids_refused:issuer_count'
const together = 'spiffe:svids_refused:count'
const single = 'spiffe:svid_refused:single_since_timestamp_seconds'
const byOwnName = 'spiffe:svid_refused:named_since_timestamp_seconds'

const issuer = 'cluster, trust_domain, issuer'
const labels = [...workloadLabels, 'copy', 'reason']
const refusal = labels.join(', ')

/** From so many refused SVIDs of one issuer on, they have one cause and one alert. */
export const many = 5

/** What has been there for so long has fired: longer than the alert waits, by one evaluation of the rules (15 s) at most. */
const firedAfter = `${alertAfter('peer_refuses') / 1000 + 15}s`

/** The refused copies that SPIFFEIncident does not tell of. */
const untold = `${since}{code="peer_refuses",muted="",explained_by!="incident"}`

/** The refused copies that SPIFFEAuthorityUntrusted tells of. */
const explained = promql`
  ${since}{code="peer_refuses",explained_by="authority_untrusted"}
  and on (cluster, trust_domain) ${problems('authority_untrusted')}
`

/** Counts the refused SVIDs that have neither an alert by name nor one of their issuer. */
export const unnamedRefusals = promql`
  label_replace(
    count by (cluster) (
      group by (${workload}) (${refused})
      unless on (${workload}) ${byOwnName}
      unless on (${issuer}) ${together}
    ),
    "code", "peer_refuses", "", ""
  )
`

const ofIssuer =
  '{{ if $labels.issuer }} of {{ $labels.issuer }}{{ end }}{{ if $labels.trust_domain }} in {{ $labels.trust_domain }}{{ end }}'

/** Names the values of a label that most of the refused SVIDs of an issuer have. */
const mostBy = (label: 'reason' | 'namespace', before: string, otherwise: string): string =>
  `{{ with printf "sort_desc(topk(3, count by (${label}) (${refused}{cluster=%q,trust_domain=%q,issuer=%q})))" $labels.cluster $labels.trust_domain $labels.issuer | query }} ${before}: {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ or $one.Labels.${label} "${otherwise}" }} ({{ $one.Value }}){{ end }}.{{ end }}`

const first = `{{ with printf "min(${refused}{cluster=%q,trust_domain=%q,issuer=%q})" $labels.cluster $labels.trust_domain $labels.issuer | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}`

/** Chooses between the text of an alert about one SVID, and that of an alert about all of an issuer. */
const ofOne = (one: string, all: string): string =>
  `{{ if or $labels.pod $labels.file }}${one}{{ else }}${all}{{ end }}`

const theSvid = `the {{ $labels.copy }} SVID {{ $labels.spiffe_id }} of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }}`

/** SVIDs that have not expired, and that every peer refuses: by name, and where there are many of one issuer, in one alert. */
export const refusalRules: readonly Rule[] = [
  {
    record: refused,
    expr: promql`
      max by (${refusal}) (${untold})
      unless on (${svid}, copy, reason)
      (
        ${explained.replaceAll('\n', '\n        ')}
      )
    `,
    meaning:
      'Since when peers refuse a copy of an SVID, for each copy that they refuse although it has not expired. Those that an authority explains that is not trusted are not among them, whichever svidwatch says so, as long as that has an alert.',
  },
  {
    record: fired,
    expr: promql`
      ${byOwnName}
      and ${byOwnName} offset ${firedAfter}
    `,
    meaning: 'The copies whose alert by name has fired, as of the last evaluation.',
  },
  {
    record: ofEach,
    expr: `count by (${issuer}) (group by (${workload}) (${refused}))`,
    meaning: 'The number of SVIDs of an issuer that peers refuse.',
  },
  {
    record: together,
    expr: promql`
      ${ofEach} >= ${String(many)}
      or
      (
        ${ofEach}
        and last_over_time(${together}[5m])
      )
    `,
    meaning: `The same from ${many} on, and then until none is left.`,
  },
  {
    record: single,
    expr: promql`
      (
        ${refused}
        unless on (${issuer}) ${together}
      )
      or
      (
        ${refused}
        and on (${refusal}) last_over_time(${fired}[5m])
      )
    `,
    meaning:
      'Since when peers refuse a copy of an SVID, for those that the alert of their issuer does not cover. Those whose alert by name has fired are among them: it would end although they are still refused.',
  },
  {
    record: byOwnName,
    expr: named(single),
    meaning: `The same for those that have an alert by name: ${mostNamed} of each cluster, first the 10 of each namespace and then all others that have been refused longest.`,
  },
  {
    alert: 'SVIDRefusedByPeers',
    severity: 'critical',
    expr: promql`
      ${byOwnName}
      or
      ${together}
    `,
    for: lasting('peer_refuses'),
    keepFiringFor: '5m',
    summary: ofOne(
      `Peers refuse the {{ $labels.copy }} SVID of ${workloadName}: {{ $labels.reason }}`,
      `Peers refuse ${ofNumber('1 SVID', '{{ $value }} SVIDs')}${ofIssuer}{{ if $labels.cluster }}, cluster {{ $labels.cluster }}{{ end }}`,
    ),
    description: ofOne(
      `Peers have refused ${theSvid} since {{ $value | humanizeTimestamp }}, although it has not expired: {{ $labels.reason }}. Connections of the workload fail.{{ if $labels.issuer }} Issuer: {{ $labels.issuer }}.{{ end }} Do not restart the workload before the runbook's checks: a new SVID of the same issuer is refused as well if the trust bundle lacks its CA.`,
      `Peers have refused SVIDs${ofIssuer}${first}, although they have not expired: ${ofNumber('1 SVID', '{{ $value }} SVIDs')} now.${mostBy('reason', 'Reasons', 'unknown')}${mostBy('namespace', 'Most are in', 'files')} So many mostly mean that the CA of the issuer was replaced before the trust bundles had the new one, or that they have lost the old one. Bring the old and the new CA into the trust bundles, and restart no pods before the CA that signs now is in them.`,
    ),
    meaning:
      'Peers refuse an SVID that has not expired: it does not verify against its trust bundle, or breaks a rule of X.509-SVIDs.',
    reason: `svidwatch checks each copy as a SPIFFE peer does, with the trust bundle that belongs to it. 1 min is shorter than any renewal, and longer than a driver takes to write an SVID and its bundle. From ${many} refused SVIDs of one issuer on, a single alert speaks for all of them, until none is left: so many have one cause, mostly a CA that was rotated before peers trusted it. SVIDs whose own alert has fired before keep it. At most ${mostNamed} SVIDs of a cluster have one, 10 of each namespace first; SVIDProblemsUnnamed counts the others. SPIFFEAuthorityUntrusted speaks for those that an authority explains that trust bundles lack.`,
    labels,
  },
]
