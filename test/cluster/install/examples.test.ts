import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { kubectl, sh } from '../support/shell.ts'
import { applyObjects } from '../support/access.ts'
import { manifestsIn, type Manifest } from '../../support/manifests.ts'
import { chart } from './support/release.ts'
import { deleteNamespaces } from './support/workload.ts'

const examples = readdirSync(join(chart, 'examples'))
/** The example for Google's managed Prometheus has objects of its own, whose definitions only Google's clusters have. */
const isForeign = ({ apiVersion }: Manifest) => apiVersion.startsWith('monitoring.googleapis.com/')

let folder: string
let served: readonly string[]
const created = new Set<string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-examples-'))
  served = (await kubectl('api-versions')).trim().split('\n')
})

afterAll(async () => {
  await deleteNamespaces([...created])
  await rm(folder, { recursive: true })
})

/** Renders the chart for the APIs that this cluster has, with the objects of its hooks. */
async function render(example: string): Promise<readonly Manifest[]> {
  const values = join(chart, 'examples', example)
  const options = ['-f', values, ...served.flatMap((version) => ['--api-versions', version])]
  return manifestsIn(await sh('helm', 'template', 'svidwatch', chart, '-n', 'svidwatch', ...options))
}

/** Creates the namespaces that objects are in, since a dry run creates none. */
async function createNamespaces(objects: readonly Manifest[]): Promise<void> {
  const existing = (await kubectl('get', 'namespaces', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ')
  const missing = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? [])).difference(new Set(existing))
  if (missing.size === 0) return
  missing.forEach((name) => created.add(name))
  await applyObjects(
    folder,
    ...[...missing].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  )
}

describe('the examples of values', () => {
  it.each(examples)('are accepted by the API server: %s', async (example) => {
    const objects = (await render(example)).filter((object) => !isForeign(object))
    await createNamespaces(objects)
    const file = join(folder, example)
    await writeFile(file, objects.map((object) => stringify(object)).join('---\n'))
    const answer = await kubectl('apply', '--dry-run=server', '--warnings-as-errors', '-f', file)
    expect(answer.trim().split('\n')).toHaveLength(objects.length)
    expect(objects.map(({ kind }) => kind)).toContain('Deployment')
  })
})
