/** A rule that records the result of an expression as a series. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  /** What the series says, in one or two sentences. */
  readonly meaning: string
}

/** A rule that alerts somebody. */
export interface AlertingRule {
  readonly alert: string
  /** `critical` wakes someone, `warning` is for working hours, `none` is for machines. */
  readonly severity: 'critical' | 'warning' | 'none'
  readonly expr: string
  /** How long the expression must hold before the alert fires; at once, where it is left out. */
  readonly for?: string
  /** How long the alert goes on after the expression last held: longer than a gap in scraping, where a gap would look like the end. */
  readonly keepFiringFor?: string
  /** Templates of the texts of the notification. */
  readonly summary: string
  readonly description: string
  /** What the alert means, in one sentence. */
  readonly meaning: string
  /** Why its thresholds and times are what they are. */
  readonly reason: string
  /** The labels of the alert, without its severity. */
  readonly labels: readonly string[]
}

export type Rule = RecordingRule | AlertingRule

/** Rules that are evaluated one after the other, so that each one reads what the rules before it have recorded. */
export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

/** Returns a text of several lines without the indentation that all of its lines have in common. */
export function promql(strings: TemplateStringsArray, ...values: readonly string[]): string {
  const text = String.raw({ raw: strings }, ...values)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const indentation = Math.min(...lines.map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(indentation).trimEnd()).join('\n')
}
