/**
 * Renders the manifests in deploy/ from the chart, for those who do without Helm. Needs helm on the PATH. `--check` writes nothing and
 * fails if a manifest is not current.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

const root = join(import.meta.dirname, '..')

/** A file of deploy/: what it is for, and the values that it is rendered with. */
interface Manifest {
  readonly path: string
  readonly purpose: string
  readonly values: Readonly<Record<string, unknown>>
}

const manifests: readonly Manifest[] = [
  {
    path: 'deploy/svidwatch.yaml',
    purpose: 'svidwatch for a whole cluster, as the chart installs it with no values at all.',
    values: {},
  },
  {
    path: 'deploy/namespaced.yaml',
    purpose:
      'svidwatch for the namespaces team-a and team-b (the value `namespaces` of the chart): its cluster role has Roles there and no\n# ClusterRole. docs/namespaces.md says what is not known then.',
    values: { namespaces: ['team-a', 'team-b'] },
  },
]

/** The namespace that `helm install --create-namespace` creates. */
const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: svidwatch
  labels:
    pod-security.kubernetes.io/enforce: restricted
`

/** What only Helm needs: where an object comes from, and the labels by which it knows its own. */
const ofHelm = /^# Source: .*\n|^ +(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm

async function render({ path, purpose, values }: Manifest): Promise<string> {
  const args = [
    'template',
    'svidwatch',
    'charts/svidwatch',
    '--namespace',
    'svidwatch',
    '--skip-tests',
    '--values',
    '-',
  ]
  const rendered = execFileSync('helm', args, { cwd: root, encoding: 'utf8', input: JSON.stringify(values) })
  const header = `# ${purpose}\n# Rendered from charts/svidwatch by \`npm run deploy:render\`; edit the chart, not this file.\n`
  const text = header + namespace + rendered.replaceAll(ofHelm, '')
  return format(text, { ...(await resolveConfig(join(root, path))), filepath: path })
}

async function main(check: boolean): Promise<void> {
  for (const manifest of manifests) {
    const file = join(root, manifest.path)
    const content = await render(manifest)
    if (check && readFileSync(file, 'utf8') !== content) {
      process.stderr.write(`${manifest.path} is out of date: run npm run deploy:render\n`)
      process.exitCode = 1
    }
    if (!check) writeFileSync(file, content)
  }
}

await main(process.argv.includes('--check'))
