import { podLabels, workload, workloadLabels, workloadName } from './labels.ts'
import type { RuleGroup } from './rule.ts'

/** What is wrong with single copies of SVIDs, long before it is anyone's night. */
export const copies: RuleGroup = {
  name: 'svidwatch-copies',
  rules: [
    {
      alert: 'SVIDMountStale',
      severity: 'warning',
      expr: `max by (${podLabels.join(', ')}) (spiffe_svid_drift{cause="mount_stale"})`,
      for: '5m',
      keepFiringFor: '5m',
      summary: `${workloadName} has a mounted SVID that is older than what was issued for it`,
      description: `New SVIDs are issued for {{ $labels.spiffe_id }}, and none arrives in the volume {{ $labels.volume }} of pod {{ $labels.namespace }}/{{ $labels.pod }} on node {{ $labels.node }}. A new pod heals it.`,
      meaning: 'New SVIDs are issued for a pod, and its mounted files stay as they are.',
      reason:
        'The driver writes what was issued within seconds, and svidwatch allows it 10 s; what stays so for 5 min does not heal by itself.',
      labels: podLabels,
    },
    {
      alert: 'SVIDUnreadable',
      severity: 'warning',
      expr: `max by (${workload}, reason) (spiffe_svid_unreadable)`,
      for: '10m',
      keepFiringFor: '5m',
      summary: `The certificate file of ${workloadName} cannot be read: {{ $labels.reason }}`,
      description: `svidwatch cannot read the certificate of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }} ({{ $labels.reason }}), so that it does not know when the SVID expires.`,
      meaning: 'A certificate file cannot be read.',
      reason: 'Files of a pod that starts or ends are missing or empty for a moment, and rarely for as long as 10 min.',
      labels: [...workloadLabels, 'reason'],
    },
  ],
}
