import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { relabelledDashboard } from '../../../dashboards/relabel.ts'
import { shippedDashboards as files } from '../../../dashboards/shipped.ts'
import { parsePromql, problemsOf } from '../../support/promql.ts'
import type { ShippedDashboard } from '../../support/shippedDashboards.ts'

const folder = join(import.meta.dirname, '../../../dashboards/exported-labels')
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as ShippedDashboard

test('each dashboard is there for exported labels', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(files)
      .map((name) => `${name}.json`)
      .sort(),
  )
})

describe.each(readdirSync(folder))('%s for exported labels', (file) => {
  const { panels, annotations, templating } = read(file)
  const targets = panels.flatMap((panel) => panel.targets ?? [])
  const offered = templating.list.flatMap(({ definition = '' }) => [
    ...definition.matchAll(/^label_values\((.+), (\w+)\)$/g),
  ])
  const asked = [
    ...targets.map(({ expr }) => expr),
    ...annotations.list.map(({ target }) => target.expr),
    ...offered.map(([, series = '', label = '']) => `count by (${label}) (${series})`),
  ]

  it('asks for what exists, and never for the labels of svidwatch itself', () => {
    expect(asked.flatMap(problemsOf)).toEqual([])
    const parsed = asked.map(parsePromql)
    const labels = parsed.flatMap(({ labels, selectors }) => [...labels, ...selectors.flatMap((each) => each.labels)])
    expect(labels.filter((label) => ['namespace', 'pod'].includes(label))).toEqual([])
  })

  it('shows exported labels in legends and columns', () => {
    expect(targets.filter(({ legendFormat }) => /\{\{(namespace|pod)\}\}/.test(legendFormat))).toEqual([])
    const columns = panels.flatMap(({ transformations = [] }) =>
      transformations.flatMap(({ options }) => Object.keys(options.renameByName ?? {})),
    )
    expect(columns.filter((column) => ['namespace', 'pod'].includes(column))).toEqual([])
  })

  it('has the titles, variables and links of the other', () => {
    const shipped = files[file.replace('.json', '') as keyof typeof files]
    const back = relabelledDashboard(read(file), { cluster: 'cluster', exported: [] })
    expect(back.replaceAll(/exported_(?=namespace|pod)/g, '')).toBe(`${JSON.stringify(shipped, undefined, 2)}\n`)
  })
})

test('a label for clusters has its name in queries, legends, columns, marks and what can be chosen', () => {
  const text = relabelledDashboard(files.health, { cluster: 'k8s_cluster_name', exported: [] })
  expect(text).toContain('"definition": "label_values(svidwatch_build_info, k8s_cluster_name)"')
  expect(text).toContain('"legendFormat": "{{k8s_cluster_name}} {{source}}"')
  expect(text).toContain('"k8s_cluster_name": "Cluster"')
  expect(text).toContain('"tagKeys": "k8s_cluster_name"')
  expect(text).toContain('k8s_cluster_name=~\\"$cluster\\"')
  expect(text).not.toMatch(/\bcluster=~|\{\{cluster\}\}/)
})
