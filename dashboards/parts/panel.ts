/** One expression of a panel. */
export interface Query {
  readonly expr: string
  /** What its series are called, with `{{label}}`; in a table, the title of its column. */
  readonly legend: string
  /** Of a table's column or one number of several, where it differs from the panel's. */
  readonly unit?: string
  readonly thresholds?: Thresholds
  /** What the numbers of a table's column stand for. */
  readonly states?: StateTexts
  /** Why it rightly returns nothing in `svidwatch demo`; whatever lacks this must return something there. */
  readonly emptyInDemo?: string
}

export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text'

/** The color of the lowest values, and from which value on there is another. */
export interface Thresholds {
  readonly base: Color
  readonly from: readonly (readonly [value: number, color: Color])[]
}

/** What numbers stand for. */
export type StateTexts = Readonly<Record<number, readonly [text: string, color: Color]>>

interface Common {
  readonly title: string
  /** What it shows, what is normal, and what to do where it is not. */
  readonly description: string
  /** Of the 24 columns of a dashboard. */
  readonly width: number
  readonly height?: number
  /** One of Grafana's. */
  readonly unit?: string
  readonly decimals?: number
  readonly thresholds?: Thresholds
  /** Of single series, where it tells something, by what they are called. */
  readonly colors?: Readonly<Record<string, Color>>
  /** The alerts whose runbooks tell what to do. */
  readonly runbooks?: readonly string[]
  readonly queries: readonly Query[]
}

/** A single number, now. */
export interface Stat extends Common {
  readonly kind: 'stat'
}

/** Lines over time. */
export interface Graph extends Common {
  readonly kind: 'graph'
  /** Areas on top of each other, where the sum tells something. */
  readonly stacked?: true
  readonly min?: number
  readonly max?: number
}

/** A row for each query, from the bottom up, and how much is in it over time. */
export interface Heatmap extends Common {
  readonly kind: 'heatmap'
}

/** A bar for each series, now. */
export interface Bars extends Common {
  readonly kind: 'bars'
}

/** What something was, over time. */
export interface States extends Common {
  readonly kind: 'states'
  readonly states: StateTexts
}

/** A row for each combination of labels, now, and a column for each query. */
export interface Table extends Common {
  readonly kind: 'table'
  /** The labels that are shown, in this order, and what their columns are called. */
  readonly columns: Readonly<Record<string, string>>
  /** The units of labels that are numbers. */
  readonly labelUnits?: Readonly<Record<string, string>>
  /** The column by which it is sorted; the greatest value comes first, unless told otherwise. */
  readonly sortBy: string
  readonly ascending?: true
}

export type Panel = Stat | Graph | Heatmap | Bars | States | Table

/** Panels below one heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  /** Of the file, and with `svidwatch-` in front the uid by which links find it: it never changes. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** The variables it has besides the data source and the cluster. */
  readonly variables: readonly ('trust_domain' | 'namespace')[]
  /** The metric whose labels are offered as values of the variables. */
  readonly valuesFrom: string
  readonly rows: readonly Row[]
}
