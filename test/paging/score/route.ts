import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Firing } from '../prometheus/promtool.ts'

interface Route {
  readonly matchers: readonly string[]
  readonly group_by: readonly string[]
  readonly group_wait: string
}

const file = join(import.meta.dirname, '../../../deploy/prometheus/alertmanager.yaml')
const { routes } = (parse(readFileSync(file, 'utf8')) as { route: { routes: readonly Route[] } }).route
const route = routes.find(({ matchers }) => matchers.includes('severity="critical"'))
if (route === undefined) throw new Error(`${file} has no route for what is critical`)
const { group_by: groupBy, group_wait: groupWait } = route

/** How long Alertmanager waits, as shipped, before it notifies of a group. */
export const groupWaitMs = Number(groupWait.replace(/s$/, '')) * 1000

/** How many notifications arrive, each for one group, where the page of an issuer comes before anybody is told of a workload. */
export function notificationsOf(firings: readonly Firing[], ofIssuers: readonly Firing[]): number {
  const isSilenced = ({ labels, atMs }: Firing) =>
    ofIssuers.some((other) => other.labels.issuer === labels.issuer && other.atMs <= atMs + groupWaitMs)
  const told = [...ofIssuers, ...firings.filter((firing) => !isSilenced(firing))]
  return new Set(told.map(({ labels }) => groupBy.map((name) => labels[name] ?? '').join('\0'))).size
}
