import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { MappingType, SpecialValueMatch, type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { workloadLabels } from '../../alerts/labels.ts'
import { withQueries, withPanelOptions, queryProperties, refId } from './grafana.ts'
import { linkTo } from './links.ts'
import type { DashboardName, Query, Table, VariableName } from './panel.ts'
import { note } from './promql.ts'

/** The title of the column that says that all is well. The column is there only if that is so. */
export const noteTitle = 'Status'

/** Builds a table. Its queries are joined by their labels: one row for each combination, one column for each query. */
export function buildTable(panel: Table, variables: readonly VariableName[]): PanelBuilder {
  const builder = new PanelBuilder()
    .sortBy([new TableSortByFieldStateBuilder().displayName(panel.sortBy).desc(panel.ascending !== true)])
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'convertFieldType', options: { conversions: numberConversions(panel) } })
    .withTransformation({ id: 'organize', options: columnLayout(panel) })
  for (const query of panel.queries) builder.overrideByName(query.legend, columnProperties(query))
  const labels = Object.entries(panel.columns)
  for (const [index, [label, title]] of labels.entries())
    builder.overrideByName(title, labelProperties(panel, variables, label, index === labels.length - 1))
  builder.overrideByName(noteTitle, [cellWithoutValue])
  return withQueries(withPanelOptions(builder, panel, 8), orUnknown(panel.queries), 'now', PromQueryFormat.Table)
}

/** Grafana does not say that there is no data if there are several queries, so the first one does. */
function orUnknown(queries: readonly Query[]): readonly Query[] {
  const [first, ...others] = queries
  if (first === undefined || others.length === 0) return queries
  const unknown = `label_replace(vector(NaN), "${note}", "not known", "", "")`
  return [{ ...first, expr: `${first.expr} or on () ${unknown}` }, ...others]
}

/** Without it, an empty cell would say what the whole table says when there is no data. */
const cellWithoutValue: DynamicConfigValue = { id: 'noValue', value: '' }

/** The widths of columns, in pixels, so that what they usually show is shown whole. */
const widths: Readonly<Record<string, number>> = {
  cluster: 120,
  namespace: 120,
  workload: 290,
  pod: 290,
  node: 120,
  issuer: 190,
  trust_domain: 150,
  severity: 85,
  state: 90,
  alertname: 210,
  reason: 150,
}
const widthOfOthers = 130
const widthOfValues = 100

/** Where a click on a label leads, and the variable that has the value of the label there. */
const leads: Readonly<Record<string, readonly [dashboard: DashboardName, choose: VariableName]>> = {
  namespace: ['rotation', 'namespace'],
  issuer: ['rotation', 'issuer'],
  node: ['rotation', 'node'],
}

const runbookOfAlert = { title: 'Runbook', url: '${runbooks}/${__value.raw}.md', targetBlank: true }

function labelProperties(
  { labelUnits = {} }: Table,
  variables: readonly VariableName[],
  label: string,
  isLast: boolean,
): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [cellWithoutValue]
  const unit = labelUnits[label]
  const lead = leads[label]
  if (unit !== undefined) properties.push({ id: 'unit', value: unit })
  if (!isLast) properties.push({ id: 'custom.width', value: widths[label] ?? widthOfOthers })
  if (label === 'alertname') properties.push({ id: 'links', value: [runbookOfAlert] })
  if (lead !== undefined) {
    const [dashboard, choose] = lead
    properties.push({ id: 'links', value: [linkTo(dashboard, { keep: variables, choose })] })
  }
  return properties
}

/** Returns the columns, their order and their titles. Grafana names a value after its query, unless there is only one query. */
function columnLayout({ columns, queries }: Table) {
  const valueOf = (index: number) => (queries.length === 1 ? 'Value' : `Value #${refId(index)}`)
  const values = queries.map(({ legend }, index): [string, string] => [valueOf(index), legend])
  const hidden = [...workloadLabels, 'authority'].filter((label) => !(label in columns))
  const visible: [string, string][] = [...values, [note, noteTitle], ...Object.entries(columns)]
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

/** The value of a row that only says that all is well. */
const noNumber = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text: '' } },
}

function columnProperties(query: Query): DynamicConfigValue[] {
  const given = queryProperties(query)
  const mappings = given.flatMap(({ id, value }) => (id === 'mappings' ? (value as unknown[]) : []))
  const properties: DynamicConfigValue[] = [
    ...given.filter(({ id }) => id !== 'mappings'),
    { id: 'mappings', value: [...mappings, noNumber] },
    cellWithoutValue,
    { id: 'custom.width', value: query.width ?? widthOfValues },
  ]
  const isColored = query.thresholds !== undefined || query.states !== undefined
  return isColored
    ? [...properties, { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }]
    : properties
}
