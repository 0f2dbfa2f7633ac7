import { parser } from '@prometheus-io/lezer-promql'
import { ruleGroups } from '../../alerts/all.ts'
import { clashingLabels, exportedName } from '../../alerts/labelNames.ts'
import { catalogue, declarationOf, namesOf } from '../../src/metrics/catalogue.ts'

export interface Parsed {
  readonly errors: readonly string[]
  /** The selectors: the metric and the labels that each matches. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[]
  /** The labels that series are grouped, joined or renamed by. */
  readonly labels: readonly string[]
}

/** The labels that Prometheus adds to every series of a target. */
const targetLabels = ['cluster', 'job', 'instance']

/** The labels that series can have, given those that are declared: Prometheus may rename some. */
const withExported = (labels: readonly string[]): readonly string[] => [
  ...labels,
  ...clashingLabels.filter((label) => labels.includes(label)).map(exportedName),
]

/** Parses an expression as Prometheus does, after replacing the variables of Grafana. */
export function parsePromql(expr: string): Parsed {
  const text = withDurations(expr)
  const errors: string[] = []
  const selectors: { metric: string; labels: string[] }[] = []
  const labels: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      const source = text.slice(from, to)
      if (type.isError) errors.push(`${text.slice(Math.max(0, from - 20), from)}⚠${text.slice(from, from + 20)}`)
      if (name === 'VectorSelector') selectors.push({ metric: '', labels: [] })
      const selector = selectors.at(-1)
      if (selector && name === 'Identifier') selector.metric = source
      if (name !== 'LabelName' && name !== 'QuotedLabelName') return
      if (selector && node.parent?.name.endsWith('LabelMatcher')) selector.labels.push(source)
      else labels.push(source)
    },
  })
  return { errors, selectors, labels }
}

/** Returns what topk and bottomk choose from at each step of a range, so that they choose others at each step. */
export function chosenAtEachStep(expr: string): readonly string[] {
  const text = withDurations(expr)
  const chosen: string[] = []
  const choices: number[] = []
  parser.parse(text).iterate({
    enter: ({ name, from, to, node }) => {
      if (name === 'AggregateExpr' && /^(topk|bottomk)\b/.test(text.slice(from, to))) choices.push(to)
      const isOfEnd = /^\s*@ end\(\)/.test(text.slice(endOfRange(node)))
      if (name === 'VectorSelector' && choices.length > 0 && !isOfEnd) chosen.push(text.slice(from, to))
    },
    leave: ({ name, to }) => {
      if (name === 'AggregateExpr' && choices.at(-1) === to) choices.pop()
    },
  })
  return chosen
}

interface Node {
  readonly to: number
  readonly parent: { readonly name: string; readonly to: number } | null
}

/** Where a selector ends, with the range that follows it. */
const endOfRange = ({ to, parent }: Node): number => (parent?.name === 'MatrixSelector' ? parent.to : to)

/** Replaces the variables of Grafana that stand for durations. */
const withDurations = (expr: string): string => expr.replaceAll(/\$__(rate_interval|range)\b/g, '5m')

const recorded = ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])))
const everyLabel = new Set([
  ...namesOf(catalogue).flatMap((name) => withExported(declarationOf(name).labels)),
  ...targetLabels,
])

const labelsOfAlerts = new Set([...everyLabel, 'alertname', 'alertstate', 'severity'])

/** Returns the labels that series of this name can have; undefined if it is neither exported nor recorded. */
function labelsOfSeries(name: string): ReadonlySet<string> | undefined {
  const declared = namesOf(catalogue).find((each) => {
    const { type } = declarationOf(each)
    return type === 'histogram' ? [`${each}_bucket`, `${each}_sum`, `${each}_count`].includes(name) : each === name
  })
  if (declared)
    return new Set([
      ...withExported(declarationOf(declared).labels),
      ...targetLabels,
      ...(name.endsWith('_bucket') ? ['le'] : []),
    ])
  if (name === 'up') return new Set(targetLabels)
  if (name === 'ALERTS') return labelsOfAlerts
  return recorded.includes(name) ? everyLabel : undefined
}

/**
 * Returns the mistakes in an expression: parse errors, and unknown metrics and labels. One list of labels may serve for all
 * metrics of workloads, even if one of them lacks a label.
 */
export function problemsOf(expr: string): readonly string[] {
  const { errors, selectors, labels } = parsePromql(expr)
  return [
    ...errors.map((error) => `does not parse: ${error}`),
    ...selectors.flatMap(({ metric, labels }) => {
      const ofSeries = labelsOfSeries(metric)
      if (!ofSeries) return [`no such metric: ${metric}`]
      return labels.filter((label) => !ofSeries.has(label)).map((label) => `${metric} has no label ${label}`)
    }),
    ...labels
      .filter((label) => !labelsOfAlerts.has(label) && label !== 'le')
      .map((label) => `no series has a label ${label}`),
  ]
}
