import { exportedName, type ClashingLabel, type LabelNames } from '../../alerts/labelNames.ts'

type Labels = Readonly<Record<string, string>>

/** How a Prometheus scrapes svidwatch. */
export interface Scraped {
  /** The label that it gives the targets of each cluster. */
  readonly clusterLabel: string
  /** Which labels it gives each target, besides its cluster, job and instance. */
  readonly targetLabels: readonly ClashingLabel[]
  readonly honorsLabels: boolean
}

/** As in deploy/prometheus. */
export const asShipped: Scraped = { clusterLabel: 'cluster', targetLabels: [], honorsLabels: true }

/** A Prometheus that names labels so. */
export const scrapedWith = ({ cluster, exported }: LabelNames): Scraped => ({
  clusterLabel: cluster,
  targetLabels: exported,
  honorsLabels: exported.length === 0,
})

/** Returns the labels that Prometheus gives a series that svidwatch exports with these labels. */
export function scrapedLabels(labels: Labels, { clusterLabel, targetLabels, honorsLabels }: Scraped): Labels {
  const { cluster = '', instance = '', ...others } = labels
  const ofSvidwatch = { namespace: 'svidwatch', pod: `svidwatch-${instance}`, node: 'node-of-svidwatch' }
  const ofTarget = targetLabels.flatMap((label): [string, string][] => {
    const own = labels[label] ?? ''
    if (own === '') return [[label, ofSvidwatch[label]]]
    return honorsLabels
      ? [[label, own]]
      : [
          [label, ofSvidwatch[label]],
          [exportedName(label), own],
        ]
  })
  return { ...others, instance, [clusterLabel]: cluster, ...Object.fromEntries(ofTarget) }
}

/** Returns the labels of an alert, given those that it has where labels are honored. */
export function alertLabels(labels: Labels, { clusterLabel, targetLabels, honorsLabels }: Scraped): Labels {
  const { cluster = '', namespace = '', ...others } = labels
  const isExported = !honorsLabels && targetLabels.includes('namespace')
  return { ...others, [clusterLabel]: cluster, namespace, ...(isExported && { exported_namespace: namespace }) }
}
