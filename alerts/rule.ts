/** A rule that keeps the result of an expression as a series. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  /** What the series tells, in one sentence. */
  readonly meaning: string
}

/** A rule that says when somebody has to hear of something, as a contract with who is on call. */
export interface AlertingRule {
  readonly alert: string
  /** `critical` wakes someone, `warning` is for working hours, `none` is for machines. */
  readonly severity: 'critical' | 'warning' | 'none'
  readonly expr: string
  /** How long it must hold before it fires; at once, where it is left out. */
  readonly for?: string
  /** How long it goes on after it held last: longer than a gap in scraping, where a gap would look like the end. */
  readonly keepFiringFor?: string
  /** Templates of what the notification says. */
  readonly summary: string
  readonly description: string
  /** What it means, in one sentence. */
  readonly meaning: string
  /** Why its thresholds and times are what they are. */
  readonly reason: string
  /** The labels of its series, but for the severity. */
  readonly labels: readonly string[]
}

export type Rule = RecordingRule | AlertingRule

/** Rules that are evaluated together and one after the other, so that each sees what those before it have recorded. */
export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

/** Text over several lines as it looks, without the indentation that all of its lines have. */
export function promql(strings: TemplateStringsArray, ...values: readonly string[]): string {
  const text = String.raw({ raw: strings }, ...values)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const indentation = Math.min(...lines.map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(indentation).trimEnd()).join('\n')
}
