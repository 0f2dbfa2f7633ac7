import { catalogue, declarationOf, namesOf } from '../src/metrics/catalogue.ts'

/** The labels of svidwatch's series that the targets of a scrape may have as well. */
export const clashingLabels = ['namespace', 'pod', 'node'] as const

export type ClashingLabel = (typeof clashingLabels)[number]

/** The names of labels in the Prometheus that rules and dashboards are for. */
export interface LabelNames {
  /** The label that tells clusters apart. */
  readonly cluster: string
  /**
   * The labels that Prometheus renames to `exported_...`, because the targets have them as well and the scrape does not honor
   * labels. None, where it does.
   */
  readonly exported: readonly ClashingLabel[]
}

/** Labels are honored: `namespace`, `pod` and `node` are those of the workload. */
export const honoredLabels: LabelNames = { cluster: 'cluster', exported: [] }

/** Labels are not honored, and targets have the labels that OpenShift and the Prometheus Operator give them. */
export const exportedLabels: LabelNames = { cluster: 'cluster', exported: ['namespace', 'pod'] }

/** What Prometheus calls a label of a series if the target has a label of the same name, and labels are not honored. */
export const exportedName = (label: ClashingLabel): string => `exported_${label}`

/** Labels that Prometheus, its rules and its alerts have themselves. */
const ofPrometheus = ['job', 'instance', 'le', 'alertname', 'alertstate', 'severity']

const taken: ReadonlySet<string> = new Set([
  ...namesOf(catalogue).flatMap((name) => declarationOf(name).labels),
  ...ofPrometheus,
  ...clashingLabels.map(exportedName),
])

/** Says why no label with this name can tell clusters apart; undefined if one can. */
export function clusterLabelProblem(name: string): string | undefined {
  if (!/^[a-zA-Z_]\w*$/.test(name) || name.startsWith('__'))
    return 'must be the name of a label, such as k8s_cluster_name'
  return taken.has(name) ? 'is a label that the series or alerts of svidwatch have already' : undefined
}
