import { ofNumber } from './labels.ts'
import { anyExporter, lasting, problems, since, target } from './problems.ts'
import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

/** Those of clusters and of machines. */
const exporters = 'svidwatch_build_info{roles=~".*cluster.*"}'
const machines = 'svidwatch_build_info{roles="standalone"}'

const restarts = '4'
const restarted = 'changes(process_start_time_seconds[30m])'
const restarting = `${restarted} >= ${restarts}`

/** Chooses between two texts: one for a svidwatch that restarts again and again, whose value is the number of restarts, and another. */
const ofRestarts = (several: string, otherwise: string): string =>
  `{{ if ge $value ${restarts}.0 }}${several}{{ else }}${otherwise}{{ end }}`

/** Which svidwatch a text is about. */
const where =
  ' {{ if $labels.instance }}on {{ $labels.instance }}{{ else }}that exports SVIDs{{ end }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}'

/** Which sources are up, also between the scrapes of a svidwatch that is hardly ever up itself. */
const sources = 'max_over_time(svidwatch_source_up[5m])'
const ofMachines = `on (${target}) last_over_time(${machines}[5m])`

const seriesDropped: Omit<AlertingRule, 'severity' | 'expr' | 'description' | 'reason'> = {
  alert: 'SvidwatchSeriesDropped',
  keepFiringFor: '5m',
  summary: 'svidwatch leaves out {{ $value }} series of {{ $labels.family }}',
  meaning: 'There are more SVIDs or problems than svidwatch may export series for.',
  labels: ['cluster', 'family'],
}

/** svidwatch itself: it must be known when nothing is watched. */
export const svidwatch: RuleGroup = {
  name: 'svidwatch-itself',
  rules: [
    {
      alert: 'SvidwatchDown',
      severity: 'critical',
      expr: promql`
        (
          (
            max by (cluster) (${restarted} and on (${target}) last_over_time(${exporters}[5m]))
            or
            group by (cluster) (last_over_time(${exporters}[7d]))
          )
          unless on (cluster)
          group by (cluster) (${exporters} unless on (${target}) ${restarting})
        )
        or
        max by (cluster, instance) (${restarting} and on (${target}) last_over_time(${machines}[5m]))
        or
        group by (cluster, instance) (last_over_time(${machines}[1d]) and on (${target}) up == 0)
        or
        absent_over_time(${anyExporter}[7d])
      `,
      for: '5m',
      keepFiringFor: '10m',
      summary: `svidwatch{{ if $labels.instance }} on {{ $labels.instance }}{{ end }} ${ofRestarts('has restarted {{ $value }} times in half an hour', 'is down')}`,
      description: ofRestarts(
        `The svidwatch${where} has restarted {{ $value }} times in the last half hour. Missed renewals may not be noticed in time.`,
        `For 5 min, no svidwatch${where} has been scraped. Missed renewals are not noticed.`,
      ),
      meaning: 'svidwatch cannot be scraped or restarts again and again, so missed renewals are not noticed in time.',
      reason:
        'A rolling update or a move to another node takes less than 5 min, and restarts no process four times in half an hour. A cluster should have a svidwatch if it had one within the last 7 days, so that a weekend does not end the alert. A machine should have one if it is still a target and had one within the last day. The alert goes on for 10 min, so that a svidwatch that comes and goes is one page.',
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
      summary: 'svidwatch{{ if $labels.instance }} on {{ $labels.instance }}{{ end }} cannot see {{ $labels.source }}',
      description:
        'For 15 min, no svidwatch{{ if $labels.instance }} on {{ $labels.instance }}{{ end }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }} has seen {{ $labels.source }}. Metrics show the last known state. Renewals that are missed from now on may page nobody.',
      meaning: 'svidwatch cannot see a system that it watches, so pages about it neither start nor end.',
      reason:
        'A source whose CRD was never installed has no series of svidwatch_source_up and does not page. An update of the control plane takes some minutes, but not 15: the alert fires 10 min after 5 min in which no scrape found the source up. It therefore also fires for a svidwatch that restarts again and again and is blind each time.',
      labels: ['cluster', 'instance', 'source'],
    },
    {
      alert: 'SvidwatchNodeBlind',
      severity: 'warning',
      expr: promql`
        max by (cluster, node) (
          ${problems('node_blind')}
          unless on (cluster, node) (svidwatch_node_up == 1)
        )
      `,
      for: lasting('node_blind'),
      keepFiringFor: '5m',
      summary: 'svidwatch cannot see the SVIDs mounted on node {{ $labels.node }}',
      description:
        'For 15 min, the node role on {{ $labels.node }} has been silent or unable to see its files. Whether to page for the pods of this node is decided by their issued SVIDs alone, and stale mounts are not noticed.',
      meaning: 'The node role of a node is silent or blind, so the issued SVIDs stand in for the mounted ones.',
      reason: 'A rollout of the node role or a restart of the node takes less than 15 min.',
      labels: ['cluster', 'node'],
    },
    {
      ...seriesDropped,
      severity: 'warning',
      expr: `max by (cluster, family) (svidwatch_series_dropped{family!="${since}"}) > 0`,
      for: '15m',
      description: `${ofNumber('1 series is', '{{ $value }} series are')} left out of {{ $labels.family }}. Dashboards and the texts of alerts lack what they say. Missed renewals still page. Raise limits.series, or look for copies with the same labels.`,
      reason: 'During a rollout there are twice as many pods for some minutes.',
    },
    {
      ...seriesDropped,
      severity: 'critical',
      expr: `max by (cluster, family) (svidwatch_series_dropped{family="${since}"}) > 0`,
      description: `${ofNumber('1 problem has no series, so nobody is paged for it', '{{ $value }} problems have no series, so nobody is paged for them')}. /api/v1/problems lists all problems. Raise limits.series.`,
      reason:
        'The series of problems are the last that svidwatch leaves out. Every one of them may be a missed renewal, so a single one is too many.',
    },
    {
      alert: 'SvidwatchPlacesUsedUp',
      severity: 'warning',
      expr: 'max by (cluster, kind) (svidwatch_without_place) > 0',
      for: '15m',
      keepFiringFor: '5m',
      summary: 'svidwatch has no place for {{ $value }} things of the kind {{ $labels.kind }}',
      description: `${ofNumber('1 thing', '{{ $value }} things')} of the kind {{ $labels.kind }} ${ofNumber('has', 'have')} had no place for 15 min: svidwatch leaves them out or counts them together. The places are divided, so this concerns only the namespaces, or on a node the pods, that use the most.`,
      meaning: 'Some namespaces or pods use more issuers, trust domains or volumes than svidwatch has places for.',
      reason: 'During a rollout there are twice as many pods for some minutes.',
      labels: ['cluster', 'kind'],
    },
    {
      alert: 'SvidwatchCheckpointFailing',
      severity: 'warning',
      expr: 'max by (cluster) (increase(svidwatch_checkpoint_failures_total[15m])) > 0',
      for: '15m',
      keepFiringFor: '5m',
      summary: 'svidwatch cannot commit its totals',
      description: `In the last 15 min, svidwatch has failed ${ofNumber('once', '{{ $value | printf "%.0f" }} times')} to commit its totals. Its counters stand still until it succeeds, and a restart may lose what was not committed.`,
      meaning: 'svidwatch cannot commit its totals.',
      reason: 'A conflict or a moment without the API server is over long before 15 min.',
      labels: ['cluster'],
    },
    {
      alert: 'SvidwatchCollectorFailing',
      severity: 'warning',
      expr: 'max by (cluster, family) (increase(svidwatch_collector_errors_total[15m])) > 0',
      keepFiringFor: '5m',
      summary: 'svidwatch cannot export {{ $labels.family }}',
      description:
        'Scrapes lack {{ $labels.family }} or some of its values because of a fault in svidwatch. The log of svidwatch says more.',
      meaning: 'A metric is missing from scrapes because of a fault in svidwatch.',
      reason: 'This never happens without a fault in svidwatch.',
      labels: ['cluster', 'family'],
    },
    {
      alert: 'SvidwatchAlive',
      severity: 'none',
      expr: 'vector(1)',
      summary: 'Alerts of svidwatch are evaluated and delivered',
      description: 'This alert always fires. Its receiver should raise an alarm when it stops arriving.',
      meaning: "A dead man's switch: this alert always fires while Prometheus evaluates rules and delivers alerts.",
      reason: 'There is no threshold.',
      labels: [],
    },
  ],
}
