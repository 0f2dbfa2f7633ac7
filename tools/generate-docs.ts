/**
 * Generates the pages and parts of pages in docs/, alerts/, dashboards/ and README.md that come from the code. `--check` writes
 * nothing and fails if a page is not up to date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dashboards } from '../dashboards/all.ts'
import { renderDashboard } from '../dashboards/parts/buildDashboard.ts'
import { renderAlertsPage } from './docs/alertsPage.ts'
import { renderConfigurationPage } from './docs/configurationPage.ts'
import { renderMetricsPage, renderMetricsTable } from './docs/metricsPage.ts'
import { renderProblemsPage } from './docs/problemsPage.ts'
import { renderRulesFile } from './docs/rulesFile.ts'

/** A generated page, or a page with a generated part. */
interface Page {
  /** The path from the root of the repository. */
  readonly path: string
  /** Renders the page. `current` is its present content, or an empty text if it does not exist. */
  readonly render: (current: string) => string
}

const pages: readonly Page[] = [
  { path: 'docs/metrics.md', render: renderMetricsPage },
  { path: 'docs/configuration.md', render: renderConfigurationPage },
  { path: 'docs/alerts.md', render: renderAlertsPage },
  { path: 'docs/problems.md', render: renderProblemsPage },
  { path: 'alerts/svidwatch.rules.yaml', render: renderRulesFile },
  ...dashboards.map((dashboard) => ({
    path: `dashboards/${dashboard.name}.json`,
    render: () => renderDashboard(dashboard),
  })),
  { path: 'README.md', render: (current) => replacePart(current, 'metrics', renderMetricsTable()) },
]

/** Returns the pages below `root` that are not up to date, with their new content. */
export function stalePages(root: string): readonly { readonly path: string; readonly content: string }[] {
  return pages.flatMap(({ path, render }) => {
    const file = join(root, path)
    const current = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const content = render(current)
    return content === current ? [] : [{ path, content }]
  })
}

/** Replaces the part between `<!-- name:begin -->` and `<!-- name:end -->`. A text without these markers is returned unchanged. */
function replacePart(text: string, name: string, part: string): string {
  const between = new RegExp(`(<!-- ${name}:begin -->\n).*(<!-- ${name}:end -->)`, 's')
  return text.replace(between, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`)
}

function main(root: string, check: boolean): void {
  const stale = stalePages(root)
  if (check) {
    for (const { path } of stale) process.stderr.write(`${path} is out of date: run npm run docs\n`)
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
