import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (file: string): unknown =>
  parse(readFileSync(new URL(`../../deploy/prometheus/${file}`, import.meta.url), 'utf8'))

test('every scrape job honours the labels of the series', () => {
  const { scrape_configs: jobs } = read('prometheus.yaml') as {
    scrape_configs: { job_name: string; honor_labels?: boolean }[]
  }
  expect(jobs.map(({ job_name: name, honor_labels: honours }) => [name, honours])).toEqual([
    ['svidwatch', true],
    ['svidwatch-node', true],
  ])
})

test('every route has a receiver', () => {
  interface Route {
    readonly receiver: string
    readonly routes?: readonly Route[]
  }
  const { route, receivers } = read('alertmanager.yaml') as { route: Route; receivers: { name: string }[] }
  const used = [route, ...(route.routes ?? [])].map(({ receiver }) => receiver)
  expect(used.sort()).toEqual(receivers.map(({ name }) => name).sort())
})
