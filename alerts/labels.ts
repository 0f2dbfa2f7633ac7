/**
 * The labels of one workload. Every rule aggregates by labels such as these, so that those of the target go away, and two
 * exporters or a rolling update change nothing. `cluster` is the usual one where one Prometheus has several.
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

/** Those of a workload that is a pod. */
export const podLabels = workloadLabels.filter((label) => label !== 'file')

/** As they stand in a `by` list. */
export const workload = workloadLabels.join(', ')

/** One copy of a workload's SVID. */
export const copy = `${workload}, copy`

/** Where a workload is, whatever its SVID says. */
export const place = 'cluster, namespace, pod, volume, file'

/** How a notification names a workload. */
export const workloadName =
  '{{ if $labels.file }}{{ $labels.file }}{{ else }}{{ $labels.namespace }}/{{ $labels.pod }} (volume {{ $labels.volume }}){{ end }}'

/** A text for a value of 1, and one for all others. */
export const ofNumber = (one: string, several: string): string =>
  `{{ if eq $value 1.0 }}${one}{{ else }}${several}{{ end }}`
