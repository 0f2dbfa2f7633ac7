import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ruleGroups } from '../../alerts/all.ts'

const read = (file: string): unknown =>
  parse(readFileSync(new URL(`../../deploy/prometheus/${file}`, import.meta.url), 'utf8'))

interface Route {
  readonly receiver: string
  readonly matchers?: readonly string[]
  readonly group_by: readonly string[]
  readonly routes?: readonly Route[]
}

interface Alertmanager {
  readonly route: Route
  readonly receivers: readonly { readonly name: string }[]
  readonly inhibit_rules: readonly {
    readonly source_matchers: readonly string[]
    readonly target_matchers: readonly string[]
    readonly equal: readonly string[]
  }[]
}

const { route, receivers, inhibit_rules: inhibitions } = read('alertmanager.yaml') as Alertmanager
const routes = [route, ...(route.routes ?? [])]
const alerts = ruleGroups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule)

/** The labels of the alerts that such a matcher names. */
const labelsOf = (matchers: readonly string[]) =>
  matchers.flatMap((matcher) => {
    const [, names = ''] = /^alertname=~?"(.*)"$/.exec(matcher) ?? []
    return names.split('|').map((name) => alerts.find(({ alert }) => alert === name)?.labels)
  })

test('every scrape job honours the labels of the series', () => {
  const { scrape_configs: jobs } = read('prometheus.yaml') as {
    scrape_configs: { job_name: string; honor_labels?: boolean }[]
  }
  expect(jobs.map(({ job_name: name, honor_labels: honours }) => [name, honours])).toEqual([
    ['svidwatch', true],
    ['svidwatch-node', true],
  ])
})

test('every route has a receiver, and each receiver a route', () => {
  expect(routes.map(({ receiver }) => receiver).sort()).toEqual(receivers.map(({ name }) => name).sort())
})

test('routes group by labels that alerts have', () => {
  const known = new Set(['alertname', ...alerts.flatMap(({ labels }) => labels)])
  expect(routes.flatMap(({ group_by: labels }) => labels).filter((label) => !known.has(label))).toEqual([])
})

test('what names alerts names those that exist, and inhibits by labels that both sides have', () => {
  const named = (matchers: readonly string[]) => matchers.some((matcher) => matcher.startsWith('alertname'))
  const matchers = routes.flatMap((each) => each.matchers ?? []).filter((matcher) => matcher.startsWith('alertname'))
  expect(labelsOf(matchers)).not.toContain(undefined)
  const byName = inhibitions.filter(({ source_matchers: source }) => named(source))
  expect(byName).toHaveLength(2)
  for (const { source_matchers: source, target_matchers: target, equal } of byName) {
    for (const labels of labelsOf([...source, ...target])) expect(labels).toEqual(expect.arrayContaining([...equal]))
  }
})
