import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Panel as BuiltPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { withQueries, withPanelOptions, queryProperties, stateMapping } from './grafana.ts'
import type { Bars, Dashboard, Graph, Heatmap, Panel, Stat, States } from './panel.ts'
import { buildTable } from './buildTable.ts'
import { linkTo } from './links.ts'

/** Converts a panel of a dashboard to the builder of Grafana's SDK. */
export function buildPanel(panel: Panel, dashboard: Dashboard): Builder<BuiltPanel> {
  switch (panel.kind) {
    case 'stat':
      return buildStat(panel, dashboard)
    case 'graph':
      return buildGraph(panel)
    case 'heatmap':
      return buildHeatmap(panel)
    case 'bars':
      return buildBars(panel)
    case 'states':
      return buildStates(panel)
    case 'table':
      return buildTable(panel, dashboard.variables)
  }
}

const lastValue = () => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull'])

function buildStat(panel: Stat, { name, variables }: Dashboard) {
  const builder = new stat.PanelBuilder()
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(lastValue())
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.NullAndNan, result: { text: 'not known' } },
      },
    ])
  const { leadsTo = name } = panel
  const links = leadsTo === name ? [] : [linkTo(leadsTo, { keep: variables })]
  for (const query of panel.queries) {
    const properties = queryProperties(query)
    if (links.length > 0) properties.push({ id: 'links', value: links })
    if (properties.length > 0) builder.overrideByName(query.legend, properties)
  }
  return withQueries(withPanelOptions(builder, panel, 4), panel.queries, 'now')
}

function buildGraph(panel: Graph) {
  const builder = new timeseries.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(panel.stacked ? 60 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).calcs(['last']))
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
  if (panel.shades !== undefined)
    builder.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor(panel.shades))
  if (panel.stacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
  if (panel.min !== undefined) builder.min(panel.min)
  if (panel.max !== undefined) builder.max(panel.max)
  if (panel.softMax !== undefined) builder.axisSoftMax(panel.softMax)
  if (panel.thresholds)
    builder.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
  return withQueries(withPanelOptions(builder, panel, 8), panel.queries, 'over time')
}

function buildHeatmap(panel: Heatmap) {
  const color = new heatmap.HeatmapColorOptionsBuilder()
    .mode(heatmap.HeatmapColorMode.Scheme)
    .scheme('Blues')
    .scale(heatmap.HeatmapColorScale.Exponential)
    // A few among tens of thousands can still be told from none.
    .exponent(0.2)
    .steps(64)
    .min(0)
  const builder = new heatmap.PanelBuilder()
    .calculate(false)
    .color(color)
    .cellGap(1)
    .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Auto).value('SVIDs'))
    // Cells without any SVID are left empty.
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .showLegend()
  return withQueries(withPanelOptions(builder, panel, 10), panel.queries, 'over time')
}

function buildBars(panel: Bars) {
  const builder = new bargauge.PanelBuilder()
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Color)
    .namePlacement(common.BarGaugeNamePlacement.Left)
    .sizing(common.BarGaugeSizing.Manual)
    .minVizHeight(16)
    .maxVizHeight(24)
    .reduceOptions(lastValue())
    .min(0)
  if (!panel.thresholds) builder.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('blue'))
  return withQueries(withPanelOptions(builder, panel, 8), panel.queries, 'now')
}

function buildStates(panel: States) {
  const builder = new statetimeline.PanelBuilder()
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .rowHeight(0.8)
    .mappings([stateMapping(panel.states)])
    .legend(new common.VizLegendOptionsBuilder().showLegend(true))
  return withQueries(withPanelOptions(builder, panel, 8), panel.queries, 'over time')
}
