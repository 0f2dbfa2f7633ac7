import { asLastTold, lastTold, problems, since, target } from './problems.ts'
import { families } from '../src/diagnosis/radius/families.ts'
import { promql, type AlertingRule, type Rule } from './rule.ts'

const incident = 'spiffe:incident:since_timestamp_seconds'

const labels = ['cluster', 'node', 'issuer', 'trust_domain']
const thing = labels.join(', ')

/**
 * Returns since when, at the latest, problems must have been there for their incident to be told: no later than for the alert by name of any
 * of them. It is by the clock of svidwatch, because that of Prometheus may be another one.
 */
const latest = (family: keyof typeof families): string =>
  `on (${target}) group_left () (svidwatch_time_seconds - ${families[family].waitMs / 1000})`

const subject =
  '{{ if $labels.node }}node {{ $labels.node }}{{ else if $labels.issuer }}{{ $labels.issuer }}{{ else if $labels.trust_domain }}the trust domain {{ $labels.trust_domain }}{{ else }}something that all nodes share{{ end }}'

/** The kinds of problems that have the cause, as the reasons of `incident` name them. */
const kinds = `{{ with printf \`group by (reason) (${since}{code="incident",cluster=%q,node=%q,issuer=%q,trust_domain=%q})\` $labels.cluster $labels.node $labels.issuer $labels.trust_domain | query }} What fails: {{ range $index, $one := . | sortByLabel "reason" }}{{ if $index }}, {{ end }}{{ $one.Labels.reason }}{{ end }}.{{ end }}`

const told: Omit<AlertingRule, 'severity' | 'expr' | 'reason'> = {
  alert: 'SPIFFEIncident',
  keepFiringFor: '5m',
  summary: `Many SVIDs have problems with one cause: ${subject}{{ if $labels.cluster }}, cluster {{ $labels.cluster }}{{ end }}`,
  description: `Since {{ $value | humanizeTimestamp }}, SVIDs have problems, and ${subject} explains them: what it does not concern works.${kinds} /api/v1/problems?code=incident has the evidence, and lists with explainedBy what is explained. Those SVIDs have no alerts of their own. Repair the cause before any pod is restarted.`,
  meaning: 'Many SVIDs have problems that one thing explains: a node, an issuer, a trust domain, or all nodes.',
  labels,
}

/** The one thing that explains many problems of SVIDs. It stands for the alerts of each of them. */
export const incidentRules: readonly Rule[] = [
  {
    record: incident,
    expr: promql`
      min by (${thing}) (
        ${problems('incident', 'critical')}
        unless ${since}{code="incident",reason=~".+_refusals"} > ${latest('refusals')}
      )
    `,
    meaning:
      'Since when one thing has explained problems of SVIDs that wake someone. Refusals are among them once they have lasted as long as the alert by name of each would wait.',
  },
  asLastTold(
    incident,
    'The same for what SPIFFEIncident fires for. It keeps its last value for up to 5 min while a svidwatch of the cluster is unsure.',
  ),
  {
    ...told,
    severity: 'warning',
    expr: promql`
      min by (${thing}) (
        ${since}{code="incident",severity="warning",reason=~".+_mounts"} <= ${latest('mounts')}
        or
        ${since}{code="incident",severity="warning",reason=~".+_issuance"} <= ${latest('issuance')}
      )
      unless on (${thing}) ${lastTold(incident)}
    `,
    reason:
      'Mounts that are lost and first SVIDs that do not come break nothing at once. The alert waits no longer than the alert by name of any of the SVIDs would. Once a renewal is missed because of the same thing, the alert is critical.',
  },
  {
    ...told,
    severity: 'critical',
    expr: lastTold(incident),
    reason:
      'svidwatch names one thing only if nearly all that it concerns fails, and what differs from it in nothing else works ([incidents.md](incidents.md)). The alert waits no longer than that of the first of the SVIDs would. What has been notified of before keeps its own alert.',
  },
]
