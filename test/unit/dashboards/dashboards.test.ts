import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { ruleGroups } from '../../../alerts/all.ts'
import { dashboards } from '../../../dashboards/all.ts'
import { diagnosisCodes, type DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import { chosenAtEachStep, problemsOf } from '../../support/promql.ts'
import { shippedDashboards, type ShippedPanel } from '../../support/shippedDashboards.ts'

const shipped = shippedDashboards()
const panels = shipped.flatMap(({ title, panels }) =>
  panels.map((panel) => ({ name: `${title}: ${panel.title}`, panel })),
)
const alerts = new Set(
  ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))),
)

/** The properties with this name of all fields of a panel, with the name of the field. */
const propertiesOf = ({ fieldConfig }: ShippedPanel, id: string) =>
  (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
    properties.filter((property) => property.id === id).map(({ value }) => ({ field: matcher.options, value })),
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

test('the first numbers of the overview lead to the dashboards that show more', () => {
  const panels = shipped[0]?.panels.filter(({ type }) => type === 'stat') ?? []
  const leads = panels.map((panel) => [
    panel.title.replace(', all namespaces', ''),
    propertiesOf(panel, 'links')
      .flatMap(({ value }) => value as { url: string }[])
      .map(({ url }) => /^\/d\/svidwatch-(\w+)/.exec(url)?.[1]),
  ])
  expect(Object.fromEntries(leads)).toMatchObject({
    'Issuers down': ['rotation'],
    'Missed renewals': ['rotation', 'rotation'],
    'Workloads with valid SVIDs': ['coverage'],
  })
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
  (_, { panels, templating, annotations, links }) => {
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

    it('marks critical problems, and warnings if asked to', () => {
      expect(annotations.list.map(({ name, enable }) => [name, enable])).toEqual([
        ['Critical problems', true],
        ['Warnings', false],
      ])
      expect(annotations.list.flatMap(({ target }) => problemsOf(target.expr))).toEqual([])
    })

    it('marks nothing that there are many of in an outage', () => {
      const codes = annotations.list.flatMap(({ target: { expr } }) =>
        Array.from(expr.matchAll(/code=~?"([^"]+)"/g), ([, codes = '']) => codes.split('|')).flat(),
      )
      expect(codes.length).toBeGreaterThan(0)
      expect(codes.map((code) => diagnosisCodes[code as DiagnosisCode].about)).not.toContain('svid')
      expect(annotations.list.filter(({ target }) => target.expr.includes('ALERTS'))).toEqual([])
    })

    it('shows its links and marks in Grafana 11 and 12, which hide those with a placement', () => {
      expect(links).toHaveLength(1)
      expect([...links, ...annotations.list].filter(({ placement }) => placement !== undefined)).toEqual([])
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

  it('draws over time only what it chooses at the end of the time range', () => {
    const over = panel.targets?.filter(({ instant }) => !instant) ?? []
    expect(over.flatMap(({ expr }) => chosenAtEachStep(expr))).toEqual([])
  })

  it('reads alerts as of now only', () => {
    expect(panel.targets?.filter(({ instant, expr }) => !instant && expr.includes('ALERTS'))).toEqual([])
  })

  it('shows no zero without a witness, and says what is not known', () => {
    expect(panel.targets?.filter(({ expr }) => /\bvector\((?!NaN\))/.test(expr))).toEqual([])
    expect(panel.fieldConfig?.defaults.noValue).toMatch(/not known/)
  })

  it('leads to dashboards that have the variables', () => {
    const links = propertiesOf(panel, 'links').flatMap(({ value }) => value as { url: string }[])
    for (const { url } of links.filter(({ url }) => !url.startsWith('${runbooks}/'))) {
      const [, uid, query = ''] = /^\/d\/([\w-]+)\?(.*)$/.exec(url) ?? []
      const names = shipped.find((each) => each.uid === uid)?.templating.list.map(({ name }) => name)
      const chosen = Array.from(query.matchAll(/var-(\w+)=/g), ([, name]) => name)
      for (const name of chosen) expect(names, url).toContain(name)
    }
  })

  it('needs no plugin', () => {
    expect(['stat', 'timeseries', 'heatmap', 'bargauge', 'state-timeline', 'table']).toContain(panel.type)
  })

  it('leads to runbooks of alerts that exist', () => {
    const named = (panel.links ?? []).map(({ url }) => /^\$\{runbooks\}\/(\w+)\.md$/.exec(url)?.[1] ?? url)
    expect(named.filter((alert) => !alerts.has(alert))).toEqual([])
  })
})

describe.each(panels.filter(({ panel }) => panel.type === 'table'))('$name', ({ panel }) => {
  const renamed = panel.transformations?.find(({ id }) => id === 'organize')?.options.renameByName ?? {}
  const titles = Object.values(renamed)

  it('has widths for all columns but the last, and all of them fit', () => {
    const widths = propertiesOf(panel, 'custom.width')
    const flexible = titles.filter((title) => !widths.some(({ field }) => field === title))
    expect(flexible).toEqual(['Status', titles.at(-1)])
    // The last column still shows an issuer or a namespace.
    const [columns, left] = [panel.gridPos.w, 140]
    const fixed = widths.reduce((sum, { value }) => sum + Number(value), 0)
    expect(fixed + left).toBeLessThanOrEqual((columns * 1568) / 24)
  })

  it('shows values first', () => {
    const names = Object.keys(renamed)
    const values = names.filter((name) => name.startsWith('Value'))
    expect(names.slice(0, values.length)).toEqual(values)
  })

  it('leads on from each namespace, issuer and node', () => {
    const leading = ['Namespace', 'Issuer', 'Node'].filter((title) => titles.includes(title))
    const fields = propertiesOf(panel, 'links').map(({ field }) => field)
    expect(leading.filter((title) => !fields.includes(title))).toEqual([])
  })

  it('leaves cells without a value empty', () => {
    const empty = propertiesOf(panel, 'noValue').filter(({ value }) => value === '')
    expect(empty.map(({ field }) => field).sort()).toEqual([...titles].sort())
  })
})
