/**
 * What loads the rules: `file` is a rule file of Prometheus, PrometheusRule an object of the Prometheus Operator, ClusterRules one
 * of Google's managed Prometheus.
 */
export const ruleFormats = ['file', 'PrometheusRule', 'ClusterRules'] as const

export type RuleFormat = (typeof ruleFormats)[number]
