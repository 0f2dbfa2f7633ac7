import { code, table } from '../docs/table.ts'
import { flattened, isSection, type Value, type Values } from './value.ts'

/** Renders the README of the chart, with a table of all values. */
export function renderReadme(values: Values): string {
  const entries = Object.entries(values)
  const single = entries.flatMap(([name, item]) => (isSection(item) ? [] : [[name, item] as const]))
  const sections = entries.flatMap(([name, item]) => (isSection(item) ? [[name, item] as const] : []))
  return [
    introduction,
    '## Values',
    tableOf(single),
    ...sections.flatMap(([name, section]) => [
      `### ${name}`,
      linked(section.help),
      tableOf(flattened(section.values, `${name}.`)),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}

const introduction = `# svidwatch

<!-- Written by \`npm run docs\` from tools/chart; do not edit. -->

svidwatch watches SPIFFE X.509 identities (SVIDs) from the request to the mounted file, and exports what Prometheus needs to notice that their rotation breaks. This chart installs the cluster role (a Deployment), the node role (a DaemonSet), and what Prometheus and Grafana need. In a cluster with cert-manager and csi-driver-spiffe, no value has to be set except the place of the image, which a released chart has already.

\`\`\`sh
helm install svidwatch charts/svidwatch --namespace svidwatch --create-namespace
helm test svidwatch --namespace svidwatch
\`\`\`

[docs/install.md](../../docs/install.md) has the first look, upgrades and how to uninstall; [docs/hardening.md](../../docs/hardening.md) the rights and network policies; [docs/prometheus.md](../../docs/prometheus.md) Prometheus, Grafana and collectors. [examples/](examples) has values files for common cases, and says which of them have been tried.`

function tableOf(values: readonly (readonly [path: string, value: Value])[]): string {
  const rows = values.map(([path, { type, default: unset, help }]) => [
    code(path),
    type.rule,
    code(JSON.stringify(unset)),
    linked(help),
  ])
  return table(['Value', 'What it must be', 'Default', 'Meaning'], rows)
}

/** Makes links of the pages that a text names. */
function linked(help: string): string {
  return help.replaceAll(/\bdocs\/[a-z-]+\.md\b/g, (page) => `[${page}](../../${page})`)
}
