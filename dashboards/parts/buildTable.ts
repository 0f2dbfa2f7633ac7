import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { workloadLabels } from '../../alerts/labels.ts'
import { withQueries, withPanelOptions, queryProperties, refId } from './grafana.ts'
import type { Query, Table } from './panel.ts'

/** Builds a table. Its queries are joined by their labels: one row for each combination, one column for each query. */
export function buildTable(panel: Table): PanelBuilder {
  const builder = new PanelBuilder()
    .sortBy([new TableSortByFieldStateBuilder().displayName(panel.sortBy).desc(panel.ascending !== true)])
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'convertFieldType', options: { conversions: numberConversions(panel) } })
    .withTransformation({ id: 'organize', options: columnLayout(panel) })
  for (const query of panel.queries) {
    const properties = columnProperties(query)
    if (properties.length > 0) builder.overrideByName(query.legend, properties)
  }
  for (const [label, unit] of Object.entries(panel.labelUnits ?? {}))
    builder.overrideByName(panel.columns[label] ?? label, [{ id: 'unit', value: unit }])
  const { alertname } = panel.columns
  if (alertname !== undefined) builder.overrideByName(alertname, [{ id: 'links', value: [runbookOfAlert] }])
  return withQueries(withPanelOptions(builder, panel, 8), panel.queries, 'now', PromQueryFormat.Table)
}

const runbookOfAlert = { title: 'Runbook', url: '${runbooks}/${__value.raw}.md', targetBlank: true }

/** Returns the columns, their order and their titles. Grafana names a value after its query, unless there is only one query. */
function columnLayout({ columns, queries }: Table) {
  const valueOf = (index: number) => (queries.length === 1 ? 'Value' : `Value #${refId(index)}`)
  const values = queries.map(({ legend }, index): [string, string] => [valueOf(index), legend])
  const hidden = workloadLabels.filter((label) => !(label in columns))
  const visible = [...Object.entries(columns), ...values]
  return {
    excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
    indexByName: Object.fromEntries(visible.map(([name], index) => [name, index])),
    renameByName: Object.fromEntries(visible),
    includeByName: {},
  }
}

/** Returns the conversions of labels to numbers. Without them, labels are texts. */
function numberConversions({ labelUnits = {} }: Table) {
  return Object.keys(labelUnits).map((label) => ({ targetField: label, destinationType: 'number' }))
}

function columnProperties(query: Query): DynamicConfigValue[] {
  const properties = queryProperties(query)
  const isColored = query.thresholds !== undefined || query.states !== undefined
  return isColored
    ? [...properties, { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }]
    : properties
}
