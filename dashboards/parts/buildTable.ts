import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { workloadLabels } from '../../alerts/labels.ts'
import { asking, described, ofOne, refId } from './grafana.ts'
import type { Query, Table } from './panel.ts'

/** The queries are joined by their labels: one row for each combination, one column for each query. */
export function buildTable(panel: Table): PanelBuilder {
  const builder = new PanelBuilder()
    .sortBy([new TableSortByFieldStateBuilder().displayName(panel.sortBy).desc(panel.ascending !== true)])
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'convertFieldType', options: { conversions: numbers(panel) } })
    .withTransformation({ id: 'organize', options: organized(panel) })
  for (const query of panel.queries) {
    const properties = column(query)
    if (properties.length > 0) builder.overrideByName(query.legend, properties)
  }
  for (const [label, unit] of Object.entries(panel.labelUnits ?? {}))
    builder.overrideByName(panel.columns[label] ?? label, [{ id: 'unit', value: unit }])
  const { alertname } = panel.columns
  if (alertname !== undefined) builder.overrideByName(alertname, [{ id: 'links', value: [toRunbook] }])
  return asking(described(builder, panel, 8), panel.queries, 'now', PromQueryFormat.Table)
}

const toRunbook = { title: 'Runbook', url: '${runbooks}/${__value.raw}.md', targetBlank: true }

/** Which columns there are, and in what order. Grafana calls the values after their query, but for a single one. */
function organized({ columns, queries }: Table) {
  const valueOf = (index: number) => (queries.length === 1 ? 'Value' : `Value #${refId(index)}`)
  const values = queries.map(({ legend }, index): [string, string] => [valueOf(index), legend])
  const hidden = workloadLabels.filter((label) => !(label in columns))
  const shown = [...Object.entries(columns), ...values]
  return {
    excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
    indexByName: Object.fromEntries(shown.map(([name], index) => [name, index])),
    renameByName: Object.fromEntries(shown),
    includeByName: {},
  }
}

/** Labels are texts until they are told to be numbers. */
function numbers({ labelUnits = {} }: Table) {
  return Object.keys(labelUnits).map((label) => ({ targetField: label, destinationType: 'number' }))
}

function column(query: Query): DynamicConfigValue[] {
  const properties = ofOne(query)
  const isColored = query.thresholds !== undefined || query.states !== undefined
  return isColored
    ? [...properties, { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }]
    : properties
}
