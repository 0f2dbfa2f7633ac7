import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

const repository = join(import.meta.dirname, '../../..')

interface PrometheusFile {
  readonly global: { readonly external_labels: Readonly<Record<string, string>> }
  readonly scrape_configs: readonly ScrapeJob[]
}

interface ScrapeJob {
  readonly job_name: string
  readonly dns_sd_configs?: readonly object[]
}

interface PrometheusOptions {
  readonly svidwatch: string
  /** The addresses of node roles; by default none are scraped. */
  readonly nodeRoles?: readonly string[]
  readonly alertmanager: string
  readonly cluster: string
  /** The interval of scrapes and evaluations; by default a third of the shipped one, as SVIDs of 3 minutes need. */
  readonly interval?: string
  /** By default, the shipped rules. */
  readonly rulesFile?: string
  /** The labels of the target. With them, those of the series are not honored. */
  readonly targetLabels?: Readonly<Record<string, string>>
}

/** The rules as shipped. */
export const shippedRules = join(repository, 'alerts/svidwatch.rules.yaml')

/** deploy/prometheus/prometheus.yaml with other addresses and intervals, and the rules where they are. */
export function prometheusFile(options: PrometheusOptions): string {
  const { svidwatch, nodeRoles = [], alertmanager, cluster, interval = '5s', rulesFile = shippedRules } = options
  const { targetLabels } = options
  const { global, scrape_configs: jobs, ...shipped } = read('prometheus.yaml') as PrometheusFile
  return stringify({
    ...shipped,
    global: { ...global, scrape_interval: interval, evaluation_interval: interval, external_labels: { cluster } },
    rule_files: [rulesFile],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: jobs
      .map(({ dns_sd_configs: nodes, ...job }) => ({ job, targets: nodes ? nodeRoles : [svidwatch] }))
      .filter(({ targets }) => targets.length > 0)
      .map(({ job, targets }) => ({
        ...job,
        static_configs: [{ targets, labels: targetLabels ?? {} }],
        ...(targetLabels && { honor_labels: false }),
      })),
  })
}

interface Route {
  readonly receiver: string
  readonly group_wait?: string
  readonly routes?: readonly Route[]
}

interface AlertmanagerFile {
  readonly route: Route
  readonly receivers: readonly { readonly name: string; readonly webhook_configs: readonly object[] }[]
}

/** deploy/prometheus/alertmanager.yaml, every webhook of which is at `url`; a third of the wait before a page, as above. */
export function alertmanagerFile(url: string): string {
  const { route, receivers, ...shipped } = read('alertmanager.yaml') as AlertmanagerFile
  const hurried = (each: Route) => (each.receiver === 'on-call' ? { ...each, group_wait: '7s' } : each)
  const here = receivers.map(({ name, webhook_configs: webhooks }) => ({
    name,
    webhook_configs: webhooks.map((webhook) => ({ ...webhook, url })),
  }))
  return stringify({ ...shipped, route: { ...route, routes: route.routes?.map(hurried) }, receivers: here })
}

function read(file: string): unknown {
  return parse(readFileSync(join(repository, 'deploy/prometheus', file), 'utf8'))
}
