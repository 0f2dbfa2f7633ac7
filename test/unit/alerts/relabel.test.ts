import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it, test } from 'vitest'
import { ruleGroups, ruleGroupsFor } from '../../../alerts/all.ts'
import { clusterLabelProblem, exportedLabels, type LabelNames } from '../../../alerts/labelNames.ts'
import { relabelled, renamedInPromql, renameOf } from '../../../alerts/relabel.ts'
import type { AlertingRule } from '../../../alerts/rule.ts'
import { shippedQueries } from '../../support/shippedDashboards.ts'

const everything: LabelNames = { cluster: 'k8s_cluster_name', exported: ['namespace', 'pod', 'node'] }
const rename = renameOf(everything)

describe('renaming in an expression', () => {
  it.each([
    ['up{cluster="a", pod!="b"}', 'up{k8s_cluster_name="a", exported_pod!="b"}'],
    ['sum by (cluster, namespace) (up)', 'sum by (k8s_cluster_name, exported_namespace) (up)'],
    ['up unless on (node, job) up', 'up unless on (exported_node, job) up'],
    ['up * on (job) group_left (node) up', 'up * on (job) group_left (exported_node) up'],
    ['up{roles="node", code=~"cluster|pod"}', 'up{roles="node", code=~"cluster|pod"}'],
    ['up{namespace=~"$namespace"}', 'up{exported_namespace=~"$namespace"}'],
    ['label_join(up, "workload", "", "pod", "file")', 'label_join(up, "workload", "", "exported_pod", "file")'],
    ['spiffe_node_cluster{a="\\"pod\\", pod"}', 'spiffe_node_cluster{a="\\"pod\\", pod"}'],
    [
      'label_values(spire_agent_up{cluster=~"$cluster"}, node)',
      'label_values(spire_agent_up{k8s_cluster_name=~"$cluster"}, exported_node)',
    ],
  ])('of %s', (expr, renamed) => {
    expect(renamedInPromql(expr, rename)).toBe(renamed)
  })
})

/** The expression with its labels renamed where the grammar has names of labels. */
function renamedByGrammar(expr: string): string {
  // Variables of Grafana that stand for durations, in as many characters.
  const text = expr.replaceAll(/\$__(rate_interval|range)\b/g, (variable) => `5m${' '.repeat(variable.length - 2)}`)
  const edits: { from: number; to: number; text: string }[] = []
  parser.parse(text).iterate({
    enter: ({ name, from, to, node }) => {
      const source = text.slice(from, to)
      if (name === 'LabelName') edits.push({ from, to, text: rename(source) })
      const call = node.parent?.parent
      const isOfFunction =
        name === 'StringLiteral' && call && /^label_(replace|join)/.test(text.slice(call.from, call.to))
      if (isOfFunction) edits.push({ from, to, text: `"${rename(source.slice(1, -1))}"` })
    },
  })
  return edits.reduceRight((renamed, edit) => renamed.slice(0, edit.from) + edit.text + renamed.slice(edit.to), expr)
}

test('the expressions of all rules and dashboards are renamed where PromQL has labels, and nowhere else', () => {
  const rules = ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
  const all = [...rules, ...shippedQueries().map(({ expr }) => expr)]
  expect(all.map((expr) => renamedInPromql(expr, rename))).toEqual(all.map(renamedByGrammar))
})

const alert: AlertingRule = {
  alert: 'Some',
  severity: 'warning',
  expr: 'count by (cluster, namespace, node) (up)',
  summary: 'a pod in {{ $labels.namespace }}, cluster {{ $labels.cluster }}',
  description:
    'namespace: {{ range printf `up{cluster=%q,namespace=%q} }}` $labels.cluster $labels.namespace | query | sortByLabel "pod" }}{{ .Labels.pod }}{{ end }} cluster',
  meaning: '',
  reason: '',
  labels: ['cluster', 'namespace', 'node'],
}

describe('an alert', () => {
  const { rules } = relabelled({ name: 'some', rules: [alert] }, everything)
  const [renamed] = rules as readonly AlertingRule[]

  it('has the labels of the workload by their own names, and its namespace by the exported one as well', () => {
    expect(renamed).toMatchObject({
      labels: ['k8s_cluster_name', 'namespace', 'node', 'exported_namespace'],
      expr: `label_replace(
  label_replace(
    label_replace(
      count by (k8s_cluster_name, exported_namespace, exported_node) (up),
      "namespace", "$1", "exported_namespace", "(.*)"
    ),
    "node", "$1", "exported_node", "(.*)"
  ),
  "exported_node", "", "", ""
)`,
    })
  })

  it('says the same: its own labels have their names, those of what it asks for are exported', () => {
    expect(renamed).toMatchObject({
      summary: 'a pod in {{ $labels.namespace }}, cluster {{ $labels.k8s_cluster_name }}',
      description:
        'namespace: {{ range printf `up{k8s_cluster_name=%q,exported_namespace=%q} }}` $labels.k8s_cluster_name $labels.namespace | query | sortByLabel "exported_pod" }}{{ .Labels.exported_pod }}{{ end }} cluster',
    })
  })
})

test('every alert has the labels that it has where labels are honored', () => {
  const labels = (names?: LabelNames) =>
    (names ? ruleGroupsFor(names) : ruleGroups).flatMap(({ rules }) =>
      rules.flatMap((rule) => ('alert' in rule ? [rule.labels.filter((label) => label !== 'exported_namespace')] : [])),
    )
  expect(labels(exportedLabels)).toEqual(labels())
})

describe('a label for clusters', () => {
  it.each(['cluster', 'k8s_cluster_name', 'k8s_cluster', 'location'])('may be %s', (name) => {
    expect(clusterLabelProblem(name)).toBeUndefined()
  })

  it.each(['', 'k8s.cluster.name', '1st', '__cluster', 'a b'])('is not %j', (name) => {
    expect(clusterLabelProblem(name)).toBe('must be the name of a label, such as k8s_cluster_name')
  })

  it.each(['namespace', 'exported_pod', 'issuer', 'instance', 'severity', 'le'])('must not be %s', (name) => {
    expect(clusterLabelProblem(name)).toBe('is a label that the series or alerts of svidwatch have already')
  })
})
