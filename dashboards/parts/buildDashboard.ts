import {
  AnnotationQueryBuilder,
  ConstantVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { runbooks } from '../../src/diagnosis/runbooks.ts'
import { buildPanel } from './buildPanel.ts'
import { datasource } from './grafana.ts'
import type { Dashboard, Panel, Row, VariableName } from './panel.ts'
import { inCluster } from './promql.ts'

/** Renders a dashboard as the JSON that Grafana imports. */
export function renderDashboard(dashboard: Dashboard): string {
  const { name, title, description, rows, marked } = dashboard
  // The SDK recommends schema v2, which Grafana 11 cannot read.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const builder = new DashboardBuilder(title)
    .uid(`svidwatch-${name}`)
    .description(description)
    .tags(['svidwatch', 'spiffe'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .annotation(marks('Critical problems', 'red', marked.critical).enable(true))
    .annotation(marks('Warnings', 'yellow', marked.warning).enable(false))
    .link(otherDashboards())
  for (const variable of variables(dashboard)) builder.withVariable(variable)
  for (const row of rows) {
    const { title, panels } = titled(row, dashboard)
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(buildPanel(panel, dashboard))
  }
  return `${JSON.stringify(finished(builder.build()), undefined, 2)}\n`
}

interface Built {
  panels?: { id?: number }[]
  links?: { placement?: unknown }[]
  annotations?: { list?: { placement?: unknown }[] }
}

/**
 * Numbers the panels, because links in Grafana refer to panels by id. Removes the placement that the SDK gives to links and
 * annotations, which would hide them in a menu.
 */
function finished<Of extends Built>(built: Of): Of {
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1
  for (const shown of [...(built.links ?? []), ...(built.annotations?.list ?? [])]) delete shown.placement
  return built
}

/** Says in the title of a row, or of single panels, that the chosen namespace does not narrow them. */
function titled(row: Row, { variables }: Dashboard): Row {
  const isNarrowed = ({ queries }: Panel) => queries.some(({ expr }) => expr.includes('$namespace'))
  const wide = (title: string) => `${title}, all namespaces`
  if (!variables.includes('namespace')) return row
  if (!row.panels.some(isNarrowed)) return { ...row, title: wide(row.title) }
  const panels = row.panels.map((panel) => (isNarrowed(panel) ? panel : { ...panel, title: wide(panel.title) }))
  return { ...row, panels }
}

/** What each variable offers: the values of a label of some series. */
const offers: Readonly<Record<VariableName, { title: string; label: string; series: string }>> = {
  trust_domain: { title: 'Trust domain', label: 'trust_domain', series: `spiffe_svids{${inCluster}}` },
  namespace: { title: 'Namespace', label: 'namespace', series: `spiffe_workloads{${inCluster}}` },
  issuer: { title: 'Issuer', label: 'issuer', series: `spiffe_issuer_last_issued_timestamp_seconds{${inCluster}}` },
  node: { title: 'Node', label: 'node', series: `spire_agent_up{${inCluster}}` },
  federated_domain: {
    title: 'Federated trust domain',
    label: 'trust_domain',
    series: `spiffe_bundle_up{${inCluster}}`,
  },
}

function variables({ variables }: Dashboard) {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    variable('cluster', { title: 'Cluster', label: 'cluster', series: 'svidwatch_build_info' }),
    ...variables.map((name) => variable(name, offers[name])),
    new ConstantVariableBuilder('runbooks').label('URL of the runbooks').value(runbooks),
  ]
}

function variable(name: string, { title, label, series }: (typeof offers)[VariableName]) {
  return new QueryVariableBuilder(name)
    .label(title)
    .datasource(datasource)
    .query({ query: `label_values(${series}, ${label})`, refId: 'values' })
    .definition(`label_values(${series}, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all', selected: true })
}

function marks(name: string, color: string, expr: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .iconColor(color)
    .target(new DataqueryBuilder().refId('problems').expr(expr).interval('1m'))
    .titleFormat('{{code}}')
    .textFormat('{{issuer}}{{node}}{{source}}{{trust_domain}} {{bundle}}')
    .tagKeys('cluster')
}

function otherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('svidwatch')
    .type(DashboardLinkType.Dashboards)
    .tags(['svidwatch'])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
}
