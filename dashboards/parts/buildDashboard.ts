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
import type { Dashboard } from './panel.ts'
import { firing, inCluster, inDomain } from './promql.ts'

/** Renders a dashboard as the JSON that Grafana imports. */
export function renderDashboard(dashboard: Dashboard): string {
  const { name, title, description, rows } = dashboard
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
    .annotation(firingAlerts())
    .link(otherDashboards())
  for (const variable of variables(dashboard)) builder.withVariable(variable)
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(buildPanel(panel))
  }
  return `${JSON.stringify(withPanelIds(builder.build()), undefined, 2)}\n`
}

/** Numbers the panels, because links in Grafana refer to panels by id. */
function withPanelIds<Built extends { panels?: { id?: number }[] }>(built: Built): Built {
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1
  return built
}

const labels = { cluster: 'Cluster', trust_domain: 'Trust domain', namespace: 'Namespace' } as const

function variables({ variables, valuesFrom }: Dashboard) {
  const labelValues = (label: keyof typeof labels, series: string) =>
    new QueryVariableBuilder(label)
      .label(labels[label])
      .datasource(datasource)
      .query({ query: `label_values(${series}, ${label})`, refId: 'values' })
      .definition(`label_values(${series}, ${label})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ text: 'All', value: '$__all', selected: true })
  const namespaceMatcher = variables.includes('trust_domain') ? inDomain : inCluster
  const matchers = { trust_domain: inCluster, namespace: namespaceMatcher }
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelValues('cluster', 'svidwatch_build_info'),
    ...variables.map((label) => labelValues(label, `${valuesFrom}{${matchers[label]}}`)),
    new ConstantVariableBuilder('runbooks').label('URL of the runbooks').value(runbooks),
  ]
}

function firingAlerts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(datasource)
    .enable(true)
    .iconColor('red')
    .target(
      new DataqueryBuilder()
        .refId('alerts')
        .expr(`sum by (alertname, severity) (${firing('critical|warning')})`)
        .interval('1m'),
    )
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}}')
    .tagKeys('severity')
}

function otherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('svidwatch')
    .type(DashboardLinkType.Dashboards)
    .tags(['svidwatch'])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
}
