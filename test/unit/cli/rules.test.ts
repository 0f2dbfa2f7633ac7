import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { labelNamesOf } from '../../../src/cli/labelOptions.ts'

const repository = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const svidwatch = (...args: readonly string[]) => run(process.execPath, [join(repository, 'src/cli/main.ts'), ...args])
const shipped = (path: string) => readFile(join(repository, path), 'utf8')

test.each([
  [[], 'svidwatch.rules.yaml'],
  [['--exported-labels'], 'exported-labels.rules.yaml'],
])('rules %j prints %s', async (args, file) => {
  const { stdout } = await svidwatch('rules', ...args)
  expect(parse(stdout)).toEqual(parse(await shipped(`alerts/${file}`)))
})

interface RulesObject {
  readonly spec: { readonly groups: readonly { readonly rules: readonly object[] }[] }
}

test('rules can be an object of the Prometheus Operator, with the same groups', async () => {
  const { stdout } = await svidwatch('rules', '--format', 'PrometheusRule')
  const { groups } = parse(await shipped('alerts/svidwatch.rules.yaml')) as { groups: unknown }
  expect(parse(stdout)).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'svidwatch' },
    spec: { groups },
  })
})

test("rules for Google's managed Prometheus have only the fields that it knows", async () => {
  const { stdout } = await svidwatch('rules', '--format', 'ClusterRules')
  const { spec, ...head } = parse(stdout) as RulesObject
  expect(head).toEqual({
    apiVersion: 'monitoring.googleapis.com/v1',
    kind: 'ClusterRules',
    metadata: { name: 'svidwatch' },
  })
  const fields = new Set(spec.groups.flatMap(({ rules }) => rules.flatMap((rule) => Object.keys(rule))))
  expect([...fields].sort()).toEqual(['alert', 'annotations', 'expr', 'for', 'labels', 'record'])
})

test('dashboards writes those that are shipped, in each form', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-dashboards-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await svidwatch('dashboards', '--out', folder)
  expect(await readFile(join(folder, 'rotation.json'), 'utf8')).toBe(await shipped('dashboards/rotation.json'))
  await svidwatch('dashboards', '--out', folder, '--exported-labels')
  const exported = await shipped('dashboards/exported-labels/rotation.json')
  expect(await readFile(join(folder, 'rotation.json'), 'utf8')).toBe(exported)
})

test('a folder that does not exist is told', async () => {
  const failed = svidwatch('dashboards', '--out', '/nowhere/at/all')
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^svidwatch: cannot write \/nowhere\/at\/all\/health\.json: ENOENT/) as string,
  })
})

test.each([
  [{ exportedLabels: true, clusterLabel: 'cluster' }, ['namespace', 'pod']],
  [{ exportedLabels: 'node, namespace', clusterLabel: 'cluster' }, ['namespace', 'node']],
  [{ clusterLabel: 'cluster' }, []],
] as const)('the options %j are for the exported labels %j', (options, exported) => {
  expect(labelNamesOf(options)).toEqual({ cluster: 'cluster', exported })
})

test.each([
  [
    { exportedLabels: 'pod,nodes', clusterLabel: 'cluster' },
    '--exported-labels must be a list of namespace, pod, node (got "nodes")',
  ],
  [
    { clusterLabel: 'k8s.cluster' },
    '--cluster-label must be the name of a label, such as k8s_cluster_name (got "k8s.cluster")',
  ],
  [
    { clusterLabel: 'pod' },
    '--cluster-label is a label that the series or alerts of svidwatch have already (got "pod")',
  ],
])('the options %j are refused', (options, message) => {
  expect(() => labelNamesOf(options)).toThrow(message)
})
