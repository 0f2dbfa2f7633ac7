import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { ThresholdsMode, type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { asking, described, refId, steps } from './grafana.ts'
import type { Query, Table } from './panel.ts'

/** The queries are joined by their labels: one row for each combination, one column for each query. */
export function buildTable(panel: Table): PanelBuilder {
  const builder = new PanelBuilder()
    .sortBy([new TableSortByFieldStateBuilder().displayName(panel.sortBy).desc(panel.ascending !== true)])
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: organized(panel) })
  for (const query of panel.queries) builder.overrideByName(query.legend, column(query))
  const { alertname } = panel.columns
  if (alertname !== undefined) builder.overrideByName(alertname, [{ id: 'links', value: [toRunbook] }])
  return asking(described(builder, panel, 8), panel.queries, 'now', PromQueryFormat.Table)
}

const toRunbook = { title: 'Runbook', url: '${runbooks}/${__value.raw}.md', targetBlank: true }

/** Which columns there are, and in what order. Grafana calls the values after their query, but for a single one. */
function organized({ columns, queries }: Table) {
  const valueOf = (index: number) => (queries.length === 1 ? 'Value' : `Value #${refId(index)}`)
  const values = queries.map(({ legend }, index): [string, string] => [valueOf(index), legend])
  const shown = [...Object.entries(columns), ...values]
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(shown.map(([name], index) => [name, index])),
    renameByName: Object.fromEntries(shown),
    includeByName: {},
  }
}

function column({ unit, thresholds }: Query): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = []
  if (unit !== undefined) properties.push({ id: 'unit', value: unit })
  if (thresholds !== undefined)
    properties.push(
      { id: 'thresholds', value: { mode: ThresholdsMode.Absolute, steps: steps(thresholds) } },
      { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
    )
  return properties
}
