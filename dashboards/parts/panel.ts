/** One expression of a panel. */
export interface Query {
  readonly expr: string
  /** The name of its series, with `{{label}}` for the value of a label; in a table, the title of its column. */
  readonly legend: string
  /** The unit of this column or number, if it differs from the unit of the panel. */
  readonly unit?: string
  readonly decimals?: number
  readonly thresholds?: Thresholds
  /** The texts that are shown in place of the numbers of this column. */
  readonly states?: StateTexts
  /** The width of this column of a table, in pixels, if it differs from the usual one. */
  readonly width?: number
  /** Shows the exemplars of its series, which lead to traces. Only over time. */
  readonly exemplars?: true
  /** Why it correctly returns nothing in `svidwatch demo`. A query without this must return something there. */
  readonly emptyInDemo?: string
}

export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'purple' | 'text'

/** The color of the lowest values, and the values from which on another color applies. */
export interface Thresholds {
  readonly base: Color
  readonly from: readonly (readonly [value: number, color: Color])[]
}

/** The texts that are shown in place of numbers. */
export type StateTexts = Readonly<Record<number, readonly [text: string, color: Color]>>

interface Common {
  readonly title: string
  /** Says what the panel shows, what is normal, and what to do if it is not. */
  readonly description: string
  /** How many of the 24 columns of a dashboard it takes. */
  readonly width: number
  readonly height?: number
  /** A unit of Grafana's. */
  readonly unit?: string
  readonly decimals?: number
  readonly thresholds?: Thresholds
  /** The colors of single series, by the name of the series. */
  readonly colors?: Readonly<Record<string, Color>>
  /** What is shown in place of "No data". By default, that the value is not known. */
  readonly noValue?: string
  /** The alerts whose runbooks explain what to do. */
  readonly runbooks?: readonly string[]
  readonly queries: readonly Query[]
}

/** Single numbers, as of now. */
export interface Stat extends Common {
  readonly kind: 'stat'
  /** The dashboard that shows more. A click leads there. */
  readonly leadsTo?: DashboardName
}

/** Lines over time. */
export interface Graph extends Common {
  readonly kind: 'graph'
  /** Stacks the series, for when their sum is meaningful. */
  readonly stacked?: true
  /** Draws all series in shades of one color, where green, the first color of Grafana's palette, would mislead. */
  readonly shades?: 'orange' | 'blue'
  readonly min?: number
  readonly max?: number
  /** The axis reaches at least so far. */
  readonly softMax?: number
}

/** One row for each query, from the bottom up, colored by its value over time. */
export interface Heatmap extends Common {
  readonly kind: 'heatmap'
}

/** One bar for each series, as of now. */
export interface Bars extends Common {
  readonly kind: 'bars'
}

/** The state of each series over time. */
export interface States extends Common {
  readonly kind: 'states'
  readonly states: StateTexts
}

/** One row for each combination of labels, as of now. The columns of the queries come first, those of the labels follow. */
export interface Table extends Common {
  readonly kind: 'table'
  /** The labels that are shown, in this order, with the titles of their columns. The last one has the width that is left. */
  readonly columns: Readonly<Record<string, string>>
  /** The units of labels whose values are numbers. */
  readonly labelUnits?: Readonly<Record<string, string>>
  /** The column by which the table is sorted. The greatest value comes first, unless `ascending` is set. */
  readonly sortBy: string
  readonly ascending?: true
}

export type Panel = Stat | Graph | Heatmap | Bars | States | Table

/** Panels under one heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** The name of a dashboard's file and, after `svidwatch-`, the uid that links use. It never changes. */
export type DashboardName = 'health' | 'lifecycle' | 'federation' | 'coverage' | 'rotation'

/** What can be chosen above a dashboard, besides the data source and the cluster. */
export type VariableName = 'trust_domain' | 'namespace' | 'issuer' | 'node' | 'federated_domain'

export interface Dashboard {
  readonly name: DashboardName
  readonly title: string
  readonly description: string
  readonly variables: readonly VariableName[]
  /**
   * The expressions whose series are marked on every graph, from their first sample to their last. Those that wake someone are shown
   * at once, the warnings when the user asks for them. They are read over the time range, so they must have few series.
   */
  readonly marked: Readonly<Record<'critical' | 'warning', string>>
  readonly rows: readonly Row[]
}
