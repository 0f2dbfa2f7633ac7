import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel as BuiltPanel,
  type DashboardLink,
  type DynamicConfigValue,
  type ThresholdsConfig,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Panel, Query, StateTexts, Thresholds } from './panel.ts'

/** The data source that the user chooses above the dashboard. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

/** The methods that the builders of all kinds of panels share. */
interface CommonBuilder extends Builder<BuiltPanel> {
  id(id: number): this
  title(title: string): this
  description(description: string): this
  datasource(datasource: DataSourceRef): this
  span(width: number): this
  height(height: number): this
  unit(unit: string): this
  decimals(decimals: number): this
  noValue(noValue: string): this
  thresholds(thresholds: Builder<ThresholdsConfig>): this
  links(links: Builder<DashboardLink>[]): this
  overrideByName(name: string, properties: DynamicConfigValue[]): this
  withTarget(target: Builder<Dataquery>): this
}

/** Sets the options that panels of all kinds share. `height` is the default height. */
export function withPanelOptions<Built extends CommonBuilder>(builder: Built, panel: Panel, height: number): Built {
  const { title, description, width, unit, decimals, thresholds, runbooks = [], noValue = 'not known' } = panel
  builder
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(panel.height ?? height)
    .noValue(noValue)
    .links(runbooks.map(runbookLink))
  if (unit !== undefined) builder.unit(unit)
  if (decimals !== undefined) builder.decimals(decimals)
  builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(thresholds)))
  for (const [name, color] of Object.entries(panel.colors ?? {}))
    builder.overrideByName(name, [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: color } }])
  return builder
}

/** Adds the queries of a panel, evaluated either as of now or over time. */
export function withQueries<Built extends CommonBuilder>(
  builder: Built,
  queries: readonly Query[],
  when: 'now' | 'over time',
  format = PromQueryFormat.TimeSeries,
): Built {
  for (const [index, { expr, legend, exemplars }] of queries.entries()) {
    const query = new DataqueryBuilder().refId(refId(index)).expr(expr).legendFormat(legend).format(format)
    query.editorMode(QueryEditorMode.Code).datasource(datasource)
    if (exemplars) query.exemplar(true)
    builder.withTarget(when === 'now' ? query.instant() : query.range())
  }
  return builder
}

/** Returns the letter that identifies the query with this index in its panel. */
export function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}

function steps({ base, from }: Thresholds = { base: 'text', from: [] }) {
  return [{ value: null, color: base }, ...from.map(([value, color]) => ({ value, color }))]
}

/** Maps numbers to texts. */
export function stateMapping(states: StateTexts): ValueMap {
  const options = Object.entries(states).map(([value, [text, color]]) => [value, { text, color }] as const)
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) }
}

/** Returns the properties that apply to one series or column only. */
export function queryProperties({ unit, decimals, thresholds, states }: Query): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = []
  if (unit !== undefined) properties.push({ id: 'unit', value: unit })
  if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals })
  if (states !== undefined) properties.push({ id: 'mappings', value: [stateMapping(states)] })
  if (thresholds !== undefined)
    properties.push({ id: 'thresholds', value: { mode: ThresholdsMode.Absolute, steps: steps(thresholds) } })
  return properties
}

function runbookLink(alert: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(`Runbook of ${alert}`).url(`\${runbooks}/${alert}.md`).targetBlank(true)
}
