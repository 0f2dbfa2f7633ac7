/**
 * The labels that identify one workload. Every rule aggregates by labels such as these and drops the labels of the target, so
 * that a second svidwatch or a rolling update changes nothing. `cluster` is the usual label where one Prometheus has several.
 */
export const workloadLabels = [
  'cluster',
  'spiffe_id',
  'trust_domain',
  'namespace',
  'pod',
  'volume',
  'node',
  'issuer',
  'file',
]

/** The labels that identify one volume of a pod. */
export const podLabels = workloadLabels.filter((label) => label !== 'file')

/** The labels that identify one workload, as a `by` list. */
export const workload = workloadLabels.join(', ')

/** The labels that identify one copy of the SVID of a workload. */
export const copy = `${workload}, copy`

/** The labels that identify the SVID of a workload, whether its issuer is known or not. */
export const svid = workloadLabels.filter((label) => label !== 'issuer').join(', ')

/** The labels that say where a workload is, whatever its SVID says. */
export const place = 'cluster, namespace, pod, volume, file'

/** How a notification names a workload. */
export const workloadName =
  '{{ if $labels.file }}{{ $labels.file }}{{ else }}{{ $labels.namespace }}/{{ $labels.pod }} (volume {{ $labels.volume }}){{ end }}'

/** How many workloads of a cluster have alerts of one name. */
export const mostNamed = '100'

/** How many workloads of each namespace have alerts of one name before any other workload has. */
const namedOfEach = '10'

/**
 * Returns an expression that selects the smallest values, as many as have alerts by name: first the smallest of each namespace, so
 * that no namespace takes the alerts of others. The values are not those of the series.
 */
export const byName = (series: string): string =>
  `bottomk by (cluster) (${mostNamed}, clamp_max(bottomk by (cluster, namespace) (${namedOfEach}, ${series}), 1e11) - 1e12 or ${series})`

/** Returns an expression that selects the same ones, with the values of the series. */
export const named = (series: string): string => `${series}\nand\n${byName(series)}`

/** What a rule says of the limits of `byName`. */
export const namedAtMost = `At most ${mostNamed} workloads of a cluster have this alert, ${namedOfEach} of each namespace first; SVIDProblemsUnnamed counts the others.`

/** Chooses between two texts: one for a value that is 1 when it is rounded, and one for all others. */
export const ofNumber = (one: string, several: string): string =>
  `{{ if eq ($value | printf "%.0f") "1" }}${one}{{ else }}${several}{{ end }}`
