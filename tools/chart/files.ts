import { stringify } from 'yaml'
import { ruleGroupsFor } from '../../alerts/all.ts'
import { exportedLabels, honoredLabels, type LabelNames } from '../../alerts/labelNames.ts'
import { rulesText } from '../../alerts/ruleFile.ts'
import type { Dashboard } from '../../dashboards/parts/panel.ts'
import { renderDashboard } from '../../dashboards/parts/buildDashboard.ts'
import { renamedDashboard } from '../../dashboards/relabel.ts'
import { catalogue, declarationOf, namesOf } from '../../src/metrics/catalogue.ts'

/** What stands for the label that tells clusters apart. The chart's templates put the label in its place. */
const clusterLabel = 'CLUSTER_LABEL'

/** What stands for the labels of dashboards. The chart has each dashboard once, whether labels are honored or exported. */
const placeholders: Readonly<Record<string, string>> = {
  cluster: clusterLabel,
  namespace: 'NAMESPACE_LABEL',
  pod: 'POD_LABEL',
}

/** Renders the rules of the chart for Prometheus' names of labels, with a placeholder for that of the cluster. */
const chartRules = (names: LabelNames): string => rulesText(ruleGroupsFor({ ...names, cluster: clusterLabel }))

/** Renders a dashboard of the chart on one line, since a Helm release must fit into a Secret. */
export function chartDashboard(dashboard: Dashboard): string {
  const renamed = renamedDashboard(JSON.parse(renderDashboard(dashboard)), (label) => placeholders[label] ?? label)
  return `${JSON.stringify(renamed)}\n`
}

/**
 * Renders the metrics that the runbook for SPIFFE identities names, and the sources of which one must be watched for the cluster
 * role to export them; none, where it always does.
 */
function runbookFamilies(): string {
  const families = namesOf(catalogue).flatMap((name) => {
    const { runbook, roles, sources = [] } = declarationOf(name)
    return runbook === true && roles.includes('cluster') ? [[name, sources] as const] : []
  })
  return stringify(Object.fromEntries(families))
}

/** The generated files of the chart, by their paths from the root of the repository, apart from the dashboards. */
export const chartFiles: Readonly<Record<string, () => string>> = {
  'charts/svidwatch/files/rules/honored.yaml': () => chartRules(honoredLabels),
  'charts/svidwatch/files/rules/exported.yaml': () => chartRules(exportedLabels),
  'charts/svidwatch/files/runbookFamilies.yaml': runbookFamilies,
}
