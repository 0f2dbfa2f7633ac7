/**
 * Writes what docs/, alerts/, dashboards/ and README.md take from the code. `--check` writes nothing and fails where a page differs from what the
 * code says.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dashboards } from '../dashboards/all.ts'
import { renderDashboard } from '../dashboards/parts/buildDashboard.ts'
import { renderAlertsPage } from './docs/alertsPage.ts'
import { renderConfigurationPage } from './docs/configurationPage.ts'
import { renderMetricsPage, renderMetricsTable } from './docs/metricsPage.ts'
import { renderRulesFile } from './docs/rulesFile.ts'

/** A generated page, or a page with a generated part. */
interface Page {
  /** From the root of the repository. */
  readonly path: string
  /** The whole page, given what it is now ('' where there is none). */
  readonly render: (current: string) => string
}

const pages: readonly Page[] = [
  { path: 'docs/metrics.md', render: renderMetricsPage },
  { path: 'docs/configuration.md', render: renderConfigurationPage },
  { path: 'docs/alerts.md', render: renderAlertsPage },
  { path: 'alerts/svidwatch.rules.yaml', render: renderRulesFile },
  ...dashboards.map((dashboard) => ({
    path: `dashboards/${dashboard.name}.json`,
    render: () => renderDashboard(dashboard),
  })),
  { path: 'README.md', render: (current) => replacePart(current, 'metrics', renderMetricsTable()) },
]

/** The pages below `root` that are not what the code says, and what they should be. */
export function stalePages(root: string): readonly { readonly path: string; readonly content: string }[] {
  return pages.flatMap(({ path, render }) => {
    const file = join(root, path)
    const current = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const content = render(current)
    return content === current ? [] : [{ path, content }]
  })
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`; a text without them stays as it is. */
function replacePart(text: string, name: string, part: string): string {
  const between = new RegExp(`(<!-- ${name}:begin -->\n).*(<!-- ${name}:end -->)`, 's')
  return text.replace(between, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`)
}

function main(root: string, check: boolean): void {
  const stale = stalePages(root)
  if (check) {
    for (const { path } of stale) process.stderr.write(`${path} is not what the code says: run npm run docs\n`)
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  for (const { path, content } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
    process.stdout.write(`${path} written\n`)
  }
}

if (import.meta.main) main(join(import.meta.dirname, '..'), process.argv.includes('--check'))
