import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { ruleGroups } from '../../../alerts/all.ts'
import { dashboards } from '../../../dashboards/all.ts'
import { problemsOf } from '../../support/promql.ts'
import { shippedDashboards } from '../../support/shippedDashboards.ts'

const shipped = shippedDashboards()
const panels = shipped.flatMap(({ title, panels }) =>
  panels.map((panel) => ({ name: `${title}: ${panel.title}`, panel })),
)
const alerts = new Set(
  ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))),
)

/** Labels that have more values the more there is to watch. */
const unbounded = /\{\{(spiffe_id|trust_domain|namespace|pod|volume|node|issuer|file)\}\}/

/** The variables that narrow down what is shown. */
const narrowing = <Of extends { readonly name: string }>(variables: readonly Of[]) =>
  variables.filter(({ name }) => !['datasource', 'runbooks'].includes(name))

test('every dashboard is shipped, and no other', () => {
  const files = readdirSync(join(import.meta.dirname, '../../../dashboards')).filter((file) => file.endsWith('.json'))
  expect(files.sort()).toEqual(dashboards.map(({ name }) => `${name}.json`).sort())
})

test('their uids are those that others link to', () => {
  expect(shipped.map(({ uid }) => uid)).toEqual([
    'svidwatch-health',
    'svidwatch-lifecycle',
    'svidwatch-federation',
    'svidwatch-coverage',
    'svidwatch-rotation',
  ])
})

describe.each(shipped.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s',
  (_, { panels, templating, annotations }) => {
    it('can be narrowed down to a data source and a cluster at least, and to all that there is', () => {
      const names = templating.list.map(({ name }) => name)
      expect(names.slice(0, 2)).toEqual(['datasource', 'cluster'])
      for (const { allValue } of narrowing(templating.list)) expect(allValue).toBe('.*')
    })

    it('offers values of labels that exist', () => {
      const offered = templating.list.flatMap(({ definition = '' }) => [
        ...definition.matchAll(/^label_values\((.+), (\w+)\)$/g),
      ])
      expect(offered).toHaveLength(narrowing(templating.list).length)
      for (const [, series, label] of offered) expect(problemsOf(`count by (${label}) (${series})`)).toEqual([])
    })

    it('marks when alerts of the shipped rules fired', () => {
      const [{ target } = { target: { expr: '' } }] = annotations.list
      expect(problemsOf(target.expr)).toEqual([])
      const pattern = /alertname=~"([^"]+)"/.exec(target.expr)?.[1] ?? ''
      expect([...alerts].filter((alert) => !new RegExp(`^(?:${pattern})$`).test(alert))).toEqual([])
    })

    it('has panels of its own numbers, side by side, in lines that are full', () => {
      expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1))
      const lines = Map.groupBy(panels, ({ gridPos }) => gridPos.y)
      const widths = [...lines.values()].map((line) => line.reduce((sum, { gridPos }) => sum + gridPos.w, 0))
      expect(widths).toEqual(widths.map(() => 24))
    })
  },
)

describe.each(panels.filter(({ panel }) => panel.type !== 'row'))('$name', ({ panel }) => {
  it('says what it shows', () => {
    expect(panel.description).toMatch(/^[A-Z].{20,}\.$/)
  })

  it('asks for what exists', () => {
    expect(panel.targets?.flatMap(({ expr }) => problemsOf(expr))).toEqual([])
  })

  it('has few series, however many SVIDs there are', () => {
    const perSeries = panel.targets?.filter(
      ({ legendFormat }) => panel.type === 'table' || unbounded.test(legendFormat),
    )
    expect(perSeries?.filter(({ expr }) => !/\b(topk|bottomk)\((10|20|50), /.test(expr))).toEqual([])
  })

  it('needs no plugin', () => {
    expect(['stat', 'timeseries', 'heatmap', 'bargauge', 'state-timeline', 'table']).toContain(panel.type)
  })

  it('leads to runbooks of alerts that exist', () => {
    const named = (panel.links ?? []).map(({ url }) => /^\$\{runbooks\}\/(\w+)\.md$/.exec(url)?.[1] ?? url)
    expect(named.filter((alert) => !alerts.has(alert))).toEqual([])
  })
})
