import { clashingLabels, exportedName, type ClashingLabel, type LabelNames } from './labelNames.ts'
import { since, target } from './problems.ts'
import type { AlertingRule, RuleGroup } from './rule.ts'

/** What has all of the labels that may clash. The problems come first: without them, nobody is paged. */
const witnesses = [since, 'spiffe_svid_not_after_timestamp_seconds']

/** Selects the series whose label was renamed. */
const isExported = (series: string, label: ClashingLabel): string => `${series}{${exportedName(label)}!=""}`

/**
 * Selects the series whose label was kept: it is not the label of the target, which svidwatch_build_info has. Where that is not known,
 * nothing is selected.
 */
const isHonored = (series: string, label: ClashingLabel): string =>
  `${series}{${label}!="",${exportedName(label)}=""} and on (${target}) svidwatch_build_info unless on (${target}, ${label}) svidwatch_build_info`

const harm = 'Alerts name svidwatch in place of the workload, and a missed renewal may page nobody.'

const describe = (exported: LabelNames['exported']): string =>
  exported.length === 0
    ? `Series of svidwatch have exported_namespace, exported_pod or exported_node, because Prometheus does not honor their labels. ${harm} Scrape svidwatch with honor_labels: true, or load the rules for exported labels.`
    : `These rules expect the labels ${exported.map(exportedName).join(', ')}, but Prometheus renames others or none. ${harm} Load the rules for the labels that it has, or change how it scrapes svidwatch.`

/** Whether the labels of series are those that the rules read. */
export function labelChecks({ exported }: LabelNames): RuleGroup {
  const wrong = witnesses.flatMap((series) =>
    clashingLabels.map((label) => (exported.includes(label) ? isHonored(series, label) : isExported(series, label))),
  )
  const mismatch: AlertingRule = {
    alert: 'SvidwatchLabelsMismatch',
    severity: 'critical',
    expr: wrong.map((series) => `group by (cluster) (${series})`).join('\nor\n'),
    for: '10m',
    keepFiringFor: '5m',
    summary:
      'The rules of svidwatch do not match the labels that Prometheus gives its series{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}',
    description: describe(exported),
    meaning: 'Prometheus renames labels of svidwatch that the rules read by their own names, or the other way round.',
    reason:
      'With the wrong labels, the pods of a workload look like one: as soon as one of them is renewed, the missed renewals of the others page nobody. What is left of the series before a change of the scrape configuration is gone after 5 min.',
    labels: ['cluster'],
  }
  return { name: 'svidwatch-labels', rules: [mismatch] }
}
