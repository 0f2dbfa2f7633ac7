import { podLabels, workload, workloadLabels, workloadName } from './labels.ts'
import { lasting, problems } from './problems.ts'
import type { RuleGroup } from './rule.ts'

/** Faults of single copies of SVIDs, long before anyone has to be woken. */
export const copies: RuleGroup = {
  name: 'svidwatch-copies',
  rules: [
    {
      alert: 'SVIDMountStale',
      severity: 'warning',
      expr: `max by (${podLabels.join(', ')}) (${problems('mount_stale')})`,
      for: lasting('mount_stale'),
      keepFiringFor: '5m',
      summary: `The SVID mounted in ${workloadName} is older than the one issued for it`,
      description: `New SVIDs are issued for {{ $labels.spiffe_id }}, but none arrives in the volume {{ $labels.volume }} of pod {{ $labels.namespace }}/{{ $labels.pod }} on node {{ $labels.node }}. The pod has to be replaced: only a new pod gets a working mount.`,
      meaning: 'New SVIDs are issued for a pod, but its mounted files do not change.',
      reason:
        'The driver writes a new SVID within seconds, and svidwatch allows it 10 s. A mount that is still stale after 5 min does not recover by itself.',
      labels: podLabels,
    },
    {
      alert: 'SVIDUnreadable',
      severity: 'warning',
      expr: `max by (${workload}, reason) (${problems('unreadable')})`,
      for: lasting('unreadable'),
      keepFiringFor: '5m',
      summary: `The certificate file of ${workloadName} cannot be read: {{ $labels.reason }}`,
      description: `svidwatch cannot read the certificate file of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }} ({{ $labels.reason }}), so it does not know when the SVID expires.`,
      meaning: 'A certificate file cannot be read.',
      reason: 'The files of a pod that starts or ends are missing or empty for a moment, but rarely for 10 min.',
      labels: [...workloadLabels, 'reason'],
    },
  ],
}
