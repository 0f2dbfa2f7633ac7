import { readFile, writeFile } from 'node:fs/promises'
import { kubectl } from './shell.ts'

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: object }]
}

/**
 * Grants the rights of deploy/rbac.yaml to the service account of the cluster role, after creating its namespaces. Returns a
 * kubeconfig file for that service account.
 */
export async function serviceAccountKubeconfig(folder: string): Promise<string> {
  await kubectl('apply', '-f', new URL('../../../deploy/rbac.yaml', import.meta.url).pathname)
  const token = (await kubectl('-n', 'svidwatch', 'create', 'token', 'svidwatch', '--duration=2h')).trim()
  const current = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '-o', 'json')) as Kubeconfig
  const { cluster } = current.clusters[0]
  const file = `${folder}/kubeconfig.json`
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'svidwatch', user: { token } }],
    contexts: [{ name: 'svidwatch', context: { cluster: 'cluster', user: 'svidwatch' } }],
    'current-context': 'svidwatch',
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

export async function applyObjects(folder: string, ...items: readonly object[]): Promise<void> {
  const file = `${folder}/objects.json`
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await kubectl('apply', '-f', file)
}

export async function environmentOf(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8')
  const pairs = text.split('\0').filter((pair) => pair !== '')
  return new Map(pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string]))
}
