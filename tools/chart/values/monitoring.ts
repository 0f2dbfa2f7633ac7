import { ruleGroups } from '../../../alerts/all.ts'
import type { Values } from '../value.ts'
import * as types from '../types.ts'

/** The names of the alerts. One alert may have several rules. */
const alerts = [
  ...new Set(ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))),
]

const labels = (of: string, example: unknown) => ({
  type: types.labels,
  default: {},
  help: `Labels of ${of}.`,
  example,
})
const annotations = (of: string) => ({
  type: types.annotations,
  default: {},
  help: `Annotations of ${of}.`,
  example: { 'example.com/owner': 'platform' },
})

/** Prometheus and Grafana. */
export const monitoring: Values = {
  monitor: {
    help: 'How the Prometheus Operator scrapes both roles. It is left out where the operator is not installed.',
    values: {
      enabled: { type: types.flag, default: true, help: 'Whether the chart creates monitors.', example: false },
      kind: {
        type: types.oneOf('PodMonitor', 'ServiceMonitor'),
        default: 'PodMonitor',
        help: 'What the monitors are.',
        example: 'ServiceMonitor',
      },
      interval: {
        type: types.duration,
        default: '15s',
        help: 'The time between two scrapes. SVIDs that live less than ten minutes need 15 s.',
        example: '30s',
      },
      scrapeTimeout: {
        type: types.optionalDuration,
        default: '',
        help: 'How long a scrape may take. Without it, the default of Prometheus.',
        example: '10s',
      },
      honorLabels: {
        type: types.flag,
        default: true,
        help: 'Whether Prometheus keeps `namespace`, `pod` and `node` of svidwatch, which name the workload.',
        example: false,
      },
      labels: labels('the monitors, which the selector of a Prometheus may ask for', {
        release: 'kube-prometheus-stack',
      }),
      annotations: annotations('the monitors'),
      relabelings: {
        type: types.relabelings,
        default: [],
        help: 'Relabelings of the targets.',
        example: [{ targetLabel: 'cluster', replacement: 'production' }],
      },
      metricRelabelings: {
        type: types.relabelings,
        default: [],
        help: 'Relabelings of the series.',
        example: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'nodejs_.*' }],
      },
    },
  },
  rules: {
    help: 'The alerts, as a PrometheusRule. It is left out where the Prometheus Operator is not installed.',
    values: {
      enabled: { type: types.flag, default: true, help: 'Whether the chart creates the rules.', example: false },
      labels: labels('the PrometheusRule, which the selector of a Prometheus may ask for', {
        release: 'kube-prometheus-stack',
      }),
      annotations: annotations('the PrometheusRule'),
      form: {
        type: types.oneOf('auto', 'honored', 'exported'),
        default: 'auto',
        help: 'The labels that name the workload: `honored` for `namespace`, `pod` and `node`, `exported` for `exported_namespace` and so on. `auto` follows `monitor.honorLabels`.',
        example: 'exported',
      },
      clusterLabel: {
        type: types.prometheusLabelName,
        default: 'cluster',
        help: 'The label that tells clusters apart.',
        example: 'k8s_cluster_name',
      },
      severities: {
        type: types.mapOf('a mapping of alerts to severities', alerts, types.severity),
        default: {},
        help: 'Other severities of single alerts. The shipped ones are `critical`, `warning` and `none`.',
        example: { SVIDMountStale: 'critical' },
      },
      extraLabels: {
        type: types.prometheusLabels,
        default: {},
        help: 'Further labels of all alerts.',
        example: { team: 'platform' },
      },
      disabled: {
        type: types.listOf('names of alerts', types.oneOf(...alerts), { uniqueItems: true }),
        default: [],
        help: 'The alerts to leave out.',
        example: ['SVIDRenewedTooOften'],
      },
    },
  },
  dashboards: {
    help: "The dashboards, as ConfigMaps that the sidecar of Grafana's chart loads. They are left out where the Prometheus Operator is not installed.",
    values: {
      enabled: { type: types.flag, default: true, help: 'Whether the chart creates them.', example: false },
      namespace: {
        type: types.optionalNamespaceName,
        default: '',
        help: 'Their namespace. Without it, that of the release.',
        example: 'monitoring',
      },
      label: {
        type: types.labelName,
        default: 'grafana_dashboard',
        help: 'The label that the sidecar looks for.',
        example: 'dashboards',
      },
      labelValue: { type: types.labelValue, default: '1', help: 'The value of this label.', example: 'true' },
      labels: labels('the ConfigMaps', { team: 'platform' }),
      annotations: annotations('the ConfigMaps, such as the folder of the dashboards'),
    },
  },
  extraObjects: {
    type: types.listOf('objects of Kubernetes', types.anyObject),
    default: [],
    help: 'Further objects, which belong to the release. Templates in their texts are rendered.',
    example: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'partner-bundle' }, data: { 'bundle.json': '{}' } },
    ],
  },
}
