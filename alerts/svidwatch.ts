import { promql, type RuleGroup } from './rule.ts'

/** Those that export the series of SVIDs; a process that is `node` alone exports its own health. */
const exporters = 'svidwatch_build_info{roles=~".*cluster.*"}'
const machines = 'svidwatch_build_info{roles="standalone"}'
const anyExporter = 'svidwatch_build_info{roles=~".*cluster.*|standalone"}'

/** What tells one svidwatch from another. */
const target = 'cluster, job, instance'
const restarting = 'changes(process_start_time_seconds[30m]) >= 4'

/** What a svidwatch says of its sources, also between two scrapes of one that is hardly ever up. */
const sources = 'max_over_time(svidwatch_source_up[5m])'
const ofMachines = `on (${target}) last_over_time(${machines}[5m])`

/** svidwatch itself: whoever watches must say when it cannot. */
export const svidwatch: RuleGroup = {
  name: 'svidwatch-itself',
  rules: [
    {
      alert: 'SvidwatchDown',
      severity: 'critical',
      expr: promql`
        (
          group by (cluster) (last_over_time(${exporters}[7d]))
          unless on (cluster)
          group by (cluster) (${exporters} unless on (${target}) ${restarting})
        )
        or
        group by (cluster, instance) (
          last_over_time(${machines}[1d])
          and on (${target}) (up == 0 or ${restarting})
        )
        or
        absent_over_time(${anyExporter}[7d])
      `,
      for: '5m',
      keepFiringFor: '10m',
      summary: 'svidwatch is down{{ if $labels.instance }} on {{ $labels.instance }}{{ end }}',
      description:
        'No svidwatch {{ if $labels.instance }}on {{ $labels.instance }}{{ else }}that exports SVIDs{{ end }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }} has been scraped for 5 min, or it starts again and again: missed renewals are not noticed.',
      meaning: 'svidwatch cannot be scraped, or starts again and again, so that missed renewals are not noticed.',
      reason:
        'A rolling update or a new node takes less than 5 min, and starts no process four times in half an hour. Whoever was there within the last 7 days should be, so that a weekend does not end the page; a machine that is still a target, within the last day. It goes on for 10 min, so that what comes and goes is one page.',
      labels: ['cluster', 'instance'],
    },
    {
      alert: 'SvidwatchBlind',
      severity: 'critical',
      expr: promql`
        (
          max by (cluster, source) (${sources} unless ${ofMachines})
          or
          max by (cluster, instance, source) (${sources} and ${ofMachines})
        ) == 0
      `,
      for: '10m',
      keepFiringFor: '5m',
      summary:
        'svidwatch is blind{{ if $labels.instance }} on {{ $labels.instance }}{{ end }}: it does not see {{ $labels.source }}',
      description:
        'No svidwatch{{ if $labels.instance }} on {{ $labels.instance }}{{ end }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }} has seen {{ $labels.source }} for 15 min. What it saw last stays, with its age; pages that should start do not.',
      meaning: 'svidwatch does not see the system that it watches, so that pages neither start nor end.',
      reason:
        'An update of the control plane takes some minutes; 15 min are more than that: 10 min after 5 min without a single scrape in which it saw. So one that restarts all the time, blind, is told as well.',
      labels: ['cluster', 'instance', 'source'],
    },
    {
      alert: 'SvidwatchNodeBlind',
      severity: 'warning',
      expr: 'max by (cluster, node) (svidwatch_node_up) == 0',
      for: '15m',
      keepFiringFor: '5m',
      summary: 'svidwatch does not see the SVIDs that are mounted on node {{ $labels.node }}',
      description:
        'The node role on {{ $labels.node }} is silent or cannot see its files since 15 min. What was issued decides for its pods meanwhile; a stale mount is not noticed.',
      meaning: 'The node role of a node is silent or blind; what was issued stands in for what is mounted.',
      reason: 'A rollout or a restart of a node takes less than 15 min.',
      labels: ['cluster', 'node'],
    },
    {
      alert: 'SvidwatchSeriesDropped',
      severity: 'warning',
      expr: 'max by (cluster, family) (svidwatch_series_dropped) > 0',
      for: '15m',
      keepFiringFor: '5m',
      summary: 'svidwatch leaves out {{ $value }} series of {{ $labels.family }}',
      description:
        '{{ $value }} SVIDs have no series of their own in {{ $labels.family }}, so that their renewals are not watched. Raise limits.series, or look for copies with the same labels.',
      meaning: 'There are more SVIDs than svidwatch may export series for.',
      reason: 'A rollout has twice the pods for some minutes.',
      labels: ['cluster', 'family'],
    },
    {
      alert: 'SvidwatchCheckpointFailing',
      severity: 'warning',
      expr: 'max by (cluster) (increase(svidwatch_checkpoint_failures_total[15m])) > 0',
      for: '15m',
      keepFiringFor: '5m',
      summary: 'svidwatch cannot commit its totals',
      description:
        'svidwatch has failed to commit its totals {{ $value | printf "%.0f" }} times in the last 15 min. Counters stand still meanwhile, and a restart may lose what was not committed.',
      meaning: 'The totals cannot be committed.',
      reason: 'A conflict or a moment without API server is not for 15 min.',
      labels: ['cluster'],
    },
    {
      alert: 'SvidwatchCollectorFailing',
      severity: 'warning',
      expr: 'max by (cluster, family) (increase(svidwatch_collector_errors_total[15m])) > 0',
      keepFiringFor: '5m',
      summary: 'svidwatch cannot export {{ $labels.family }}',
      description: 'Scrapes leave out {{ $labels.family }} or values of it: a fault in svidwatch. Its log says more.',
      meaning: 'A metric is left out of scrapes because of a fault in svidwatch.',
      reason: 'It never happens while svidwatch is as it should be.',
      labels: ['cluster', 'family'],
    },
    {
      alert: 'SvidwatchAlive',
      severity: 'none',
      expr: 'vector(1)',
      summary: 'Alerts of svidwatch are evaluated and delivered',
      description: 'It always fires. Whoever receives it should raise an alarm when it stops coming.',
      meaning: "A dead man's switch: it always fires, as long as Prometheus evaluates rules and delivers alerts.",
      reason: 'It has none.',
      labels: [],
    },
  ],
}
