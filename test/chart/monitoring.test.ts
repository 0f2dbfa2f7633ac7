import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ruleGroupsFor } from '../../alerts/all.ts'
import { exportedLabels, honoredLabels } from '../../alerts/labelNames.ts'
import { rulesText } from '../../alerts/ruleFile.ts'
import { relabelledDashboard } from '../../dashboards/relabel.ts'
import { shippedDashboards } from '../../dashboards/shipped.ts'
import { at, find, nameOf, render, type Values } from './support/render.ts'

const run = promisify(execFile)

interface Rule {
  readonly alert?: string
  readonly labels?: Readonly<Record<string, string>>
}

interface Group {
  readonly name: string
  readonly rules: readonly Rule[]
}

const withOperator = (values: Values = {}) => render(values, { operator: true })

async function groups(values: Values = {}): Promise<readonly Group[]> {
  return at(find(await withOperator(values), 'PrometheusRule svidwatch/svidwatch'), 'spec groups') as readonly Group[]
}

const alerts = async (values?: Values) =>
  (await groups(values)).flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined))

/** Values, and the labels that rules and dashboards then read. */
const forms = [
  [{}, honoredLabels],
  [{ monitor: { honorLabels: false } }, exportedLabels],
  [{ monitor: { honorLabels: false }, rules: { form: 'honored' } }, honoredLabels],
  [{ rules: { form: 'exported', clusterLabel: 'k8s_cluster' } }, { ...exportedLabels, cluster: 'k8s_cluster' }],
] as const

test.each(forms)('with %j the rules are those for %j, and promtool accepts them', async (values, names) => {
  const found = await groups(values)
  expect({ groups: found }).toEqual(parse(rulesText(ruleGroupsFor(names))))
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-rules-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups: found }))
  await run('promtool', ['check', 'rules', join(folder, 'rules.yaml')])
})

test.each(forms)(
  'with %j the dashboards are those for %j, each in a ConfigMap for the sidecar',
  async (values, names) => {
    const objects = await withOperator({
      ...values,
      dashboards: { namespace: 'grafana', annotations: { folder: 'SPIFFE' } },
    })
    for (const [name, dashboard] of Object.entries(shippedDashboards)) {
      const { data, metadata } = find(objects, `ConfigMap grafana/svidwatch-dashboard-${name}`)
      expect(JSON.parse(data?.[`svidwatch-${name}.json`] ?? '')).toEqual(
        JSON.parse(relabelledDashboard(dashboard, names)),
      )
      expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' })
      expect(metadata.annotations).toEqual({ folder: 'SPIFFE' })
    }
  },
)

test('an alert that is switched off is left out, and no other', async () => {
  const [all, rest] = [await alerts(), await alerts({ rules: { disabled: ['SVIDExpired', 'SvidwatchAlive'] } })]
  expect(rest).toEqual(all.filter(({ alert }) => alert !== 'SVIDExpired' && alert !== 'SvidwatchAlive'))
})

test('a group without rules is left out', async () => {
  const names = (await groups({ rules: { disabled: ['SvidwatchLabelsMismatch'] } })).map(({ name }) => name)
  expect(names).not.toContain('svidwatch-labels')
})

test('severities and further labels are those of the values, and recorded series keep their labels', async () => {
  const changed = { severities: { SVIDExpired: 'page' }, extraLabels: { team: 'identity' } }
  const [before, after] = [await groups(), await groups({ rules: changed })]
  const expected = before.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => {
      if (rule.alert === undefined) return rule
      const severity = rule.alert === 'SVIDExpired' ? 'page' : rule.labels?.['severity']
      return { ...rule, labels: { team: 'identity', severity } }
    }),
  }))
  expect(after).toEqual(expected)
})

test.each([
  ['PodMonitor', 'podMetricsEndpoints'],
  ['ServiceMonitor', 'endpoints'],
])('a %s for each role selects its pods and keeps the labels of workloads', async (kind, endpoints) => {
  const relabelings = [{ action: 'labeldrop', regex: 'pod' }]
  const objects = await withOperator({
    monitor: { kind, interval: '1m', labels: { release: 'prometheus' }, relabelings },
  })
  for (const [name, workload] of [
    ['svidwatch/svidwatch', 'Deployment'],
    ['svidwatch-node/svidwatch-node', 'DaemonSet'],
  ] as const) {
    const monitor = find(objects, `${kind} ${name}`)
    expect(at(monitor, `spec ${endpoints}`)).toEqual([
      { port: 'metrics', interval: '1m', honorLabels: true, relabelings },
    ])
    const selected = at(monitor, 'spec selector matchLabels') as object
    const selects = kind === 'PodMonitor' ? `${workload} ${name}` : `Service ${name}`
    const path = kind === 'PodMonitor' ? 'spec template metadata labels' : 'metadata labels'
    expect(at(find(objects, selects), path)).toMatchObject(selected)
    expect(monitor.metadata.labels).toMatchObject({ release: 'prometheus' })
  }
})

const ofMonitoring = (names: readonly string[]) => names.filter((name) => /Monitor|PrometheusRule|dashboard/.test(name))

test.each<[Values, boolean, number]>([
  [{}, false, 0],
  [{}, true, 8],
  [{ monitor: { enabled: false } }, true, 6],
  [{ rules: { enabled: false } }, true, 7],
  [{ dashboards: { enabled: false } }, true, 3],
  [{ node: { enabled: false } }, true, 7],
  [{ cluster: { enabled: false } }, true, 1],
])(
  'with %j, and the operator installed: %j, there are %j objects for Prometheus and Grafana',
  async (values, operator, count) => {
    expect(ofMonitoring((await render(values, { operator })).map(nameOf))).toHaveLength(count)
  },
)
