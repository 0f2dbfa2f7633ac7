import { byName, mostNamed, ofNumber, podLabels, workload, workloadLabels, workloadName } from './labels.ts'
import { alertAfter } from '../src/diagnosis/codes.ts'
import { lasting, problems, since } from './problems.ts'
import { promql, type RuleGroup } from './rule.ts'

/** Faults of single copies of SVIDs, long before anyone has to be woken. */
export const copies: RuleGroup = {
  name: 'svidwatch-copies',
  rules: [
    {
      alert: 'SVIDMountStale',
      severity: 'warning',
      expr: byName(
        `max by (${podLabels.join(', ')}) (${problems('mount_stale')}) <= time() - ${alertAfter('mount_stale') / 1000}`,
      ),
      keepFiringFor: '5m',
      summary: `The SVID mounted in ${workloadName} is older than the one issued for it`,
      description: `New SVIDs are issued for {{ $labels.spiffe_id }}, but none arrives in the volume {{ $labels.volume }} of pod {{ $labels.namespace }}/{{ $labels.pod }} on node {{ $labels.node }}. The pod has to be replaced: only a new pod gets a working mount.`,
      meaning: 'New SVIDs are issued for a pod, but its mounted files do not change.',
      reason:
        'The driver writes a new SVID within seconds, and svidwatch allows it 10 s. A mount that still lacks an SVID 5 min after it was issued does not recover by itself, however many were issued since. At most 100 workloads of a cluster have this alert, 10 of each namespace first; SVIDProblemsUnnamed counts the others.',
      labels: podLabels,
    },
    {
      alert: 'SVIDUnreadable',
      severity: 'warning',
      expr: byName(`max by (${workload}, reason) (${problems('unreadable')})`),
      for: lasting('unreadable'),
      keepFiringFor: '5m',
      summary: `The certificate file of ${workloadName} cannot be read: {{ $labels.reason }}`,
      description: `svidwatch cannot read the certificate file of ${workloadName}{{ if $labels.node }} on node {{ $labels.node }}{{ end }} ({{ $labels.reason }}), so it does not know when the SVID expires.`,
      meaning: 'A certificate file cannot be read.',
      reason:
        'The files of a pod that starts or ends are missing or empty for a moment, but rarely for 10 min. At most 100 files of a cluster have this alert, 10 of each namespace first; SVIDProblemsUnnamed counts the others.',
      labels: [...workloadLabels, 'reason'],
    },
    {
      alert: 'SVIDProblemsUnnamed',
      severity: 'warning',
      expr: promql`
        count by (cluster, code) (
          group by (${workload}, code) (${since}{code=~"mount_stale|unreadable",muted=""})
        ) - ${mostNamed} > 0
      `,
      for: lasting('unreadable'),
      keepFiringFor: '5m',
      summary: `${ofNumber('1 more SVID has', '{{ $value }} more SVIDs have')} the problem {{ $labels.code }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}`,
      description: `Besides the ${mostNamed} SVIDs that have alerts by name, ${ofNumber('1 SVID has', '{{ $value }} SVIDs have')} the problem {{ $labels.code }}. So many usually have one cause, such as drivers that were restarted. /api/v1/problems?code={{ $labels.code }} lists all of them.`,
      meaning: 'More SVIDs have the same problem than have alerts by name.',
      reason:
        'More than 100 alerts tell nobody more than 100 do, and every alert costs Prometheus and Alertmanager memory and time.',
      labels: ['cluster', 'code'],
    },
  ],
}
