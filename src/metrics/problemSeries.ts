import type { DiagnosesView, Diagnosis } from '../diagnosis/diagnosis.ts'
import { compareUrgency } from '../diagnosis/urgency.ts'
import { problemLabelNames } from './catalogue/problems.ts'
import { sharesOf } from './guard.ts'
import { closedLabelText } from './labelText.ts'

/** The series of all problems. */
export interface ProblemSeries {
  /** As `closedLabelText` renders them. */
  readonly labels: readonly string[]
  /** Ms since the Unix epoch, of the series with the same index. */
  readonly sinceMs: readonly number[]
  /** How many problems have no series. */
  readonly dropped: number
}

/** The number of problems after which their rendering yields. */
const slice = 64

/** Renders the labels of problems. A problem is rendered once, until it changes. */
export class ProblemLabels {
  readonly #texts = new WeakMap<Diagnosis, string>();

  /**
   * Returns the series of at most `limit` problems, the most urgent ones of each namespace, between which the limit is divided. Yields
   * where it may be interrupted.
   */
  *series(diagnoses: DiagnosesView, limit: number): Generator<undefined, ProblemSeries> {
    const all = [...diagnoses.all()]
    const kept = all.length > limit ? sharesOf(all.sort(compareUrgency), limit, namespaceOf) : all
    const series = new Map<string, number>()
    for (const [index, diagnosis] of kept.entries()) {
      if (index % slice === 0) yield
      const text = this.#textOf(diagnosis)
      // Both formats forbid two series with the same labels.
      series.set(text, Math.min(series.get(text) ?? Infinity, diagnosis.sinceMs))
    }
    return { labels: [...series.keys()], sinceMs: [...series.values()], dropped: all.length - series.size }
  }

  #textOf(diagnosis: Diagnosis): string {
    const known = this.#texts.get(diagnosis)
    if (known !== undefined) return known
    const text = closedLabelText(problemLabelNames, valuesOf(diagnosis))
    this.#texts.set(diagnosis, text)
    return text
  }
}

/** Problems of issuers, nodes and the like have no namespace, and have a share together. */
const namespaceOf = ({ subject }: Diagnosis): string => ('namespace' in subject ? subject.namespace : '')

function valuesOf({ code, severity, subject, reason, explainedBy, muted }: Diagnosis): readonly string[] {
  const rest = { code, severity, reason, explained_by: explainedBy, muted: muted ? 'true' : '' }
  const values: Readonly<Partial<Record<(typeof problemLabelNames)[number], string>>> = { ...subject, ...rest }
  return problemLabelNames.map((name) => values[name] ?? '')
}
