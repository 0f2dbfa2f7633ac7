import { stringify } from 'yaml'
import { runbookOf } from '../src/diagnosis/runbooks.ts'
import type { Rule, RuleGroup } from './rule.ts'
import type { RuleFormat } from './ruleFormats.ts'

const apiVersions = {
  PrometheusRule: 'monitoring.coreos.com/v1',
  ClusterRules: 'monitoring.googleapis.com/v1',
} as const

/** Renders rules as YAML. */
export function rulesText(ruleGroups: readonly RuleGroup[], format: RuleFormat = 'file'): string {
  const groups = ruleGroups.map(({ name, rules }) => ({ name, rules: rules.map((rule) => ruleOf(rule, format)) }))
  const content =
    format === 'file'
      ? { groups }
      : { apiVersion: apiVersions[format], kind: format, metadata: { name: 'svidwatch' }, spec: { groups } }
  return stringify(content, { lineWidth: 0, singleQuote: true })
}

function ruleOf(rule: Rule, format: RuleFormat): object {
  if ('record' in rule) return { record: rule.record, expr: rule.expr }
  const { alert, expr, severity, summary, description, keepFiringFor } = rule
  return {
    alert,
    expr,
    ...(rule.for !== undefined && { for: rule.for }),
    // ClusterRules have no such field, and refuse those that they do not know.
    ...(keepFiringFor !== undefined && format !== 'ClusterRules' && { keep_firing_for: keepFiringFor }),
    labels: { severity },
    annotations: { summary, description, runbook_url: runbookOf(alert) },
  }
}
