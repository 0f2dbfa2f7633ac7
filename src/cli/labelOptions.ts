import { clashingLabels, clusterLabelProblem, exportedLabels, type LabelNames } from '../../alerts/labelNames.ts'
import { SvidwatchError } from '../errors.ts'

export interface LabelOptions {
  /** A list with commas; true for the labels that usually clash, undefined for none. */
  readonly exportedLabels?: string | true
  readonly clusterLabel: string
}

/** Returns the names of labels that the options choose. Throws a `SvidwatchError` if there are no such labels. */
export function labelNamesOf({ exportedLabels: exported, clusterLabel }: LabelOptions): LabelNames {
  const problem = clusterLabelProblem(clusterLabel)
  if (problem !== undefined)
    throw new SvidwatchError('config_invalid', `--cluster-label ${problem} (got ${JSON.stringify(clusterLabel)})`)
  return { cluster: clusterLabel, exported: exportedOf(exported) }
}

function exportedOf(option: LabelOptions['exportedLabels']): LabelNames['exported'] {
  if (option === undefined) return []
  if (option === true) return exportedLabels.exported
  const chosen = option.split(',').map((label) => label.trim())
  const unknown = chosen.find((label) => !(clashingLabels as readonly string[]).includes(label))
  if (unknown !== undefined)
    throw new SvidwatchError(
      'config_invalid',
      `--exported-labels must be a list of ${clashingLabels.join(', ')} (got ${JSON.stringify(unknown)})`,
    )
  return clashingLabels.filter((label) => chosen.includes(label))
}
