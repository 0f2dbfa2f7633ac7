import { readFile, writeFile } from 'node:fs/promises'
import { shippedObjects } from '../../support/shippedObjects.ts'
import { kubectl } from './shell.ts'

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: object }]
}

/** What the cluster role needs besides its Deployment: rights, and the objects that it fills. */
const prerequisites = ['Namespace', 'ServiceAccount', 'Secret', 'ConfigMap']

/**
 * Grants the rights of deploy/svidwatch.yaml to the service account of the cluster role, after creating its namespaces. Returns a
 * kubeconfig file for that service account.
 */
export async function serviceAccountKubeconfig(folder: string): Promise<string> {
  const needed = shippedObjects('svidwatch.yaml').filter(
    ({ kind }) => prerequisites.includes(kind) || /^(Cluster)?Role(Binding)?$/.test(kind),
  )
  await applyObjects(folder, ...needed)
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

/** Takes back what serviceAccountKubeconfig has granted, and deletes its namespaces. */
export async function deleteServiceAccount(): Promise<void> {
  await kubectl('delete', 'clusterrole,clusterrolebinding', 'svidwatch', '--ignore-not-found')
  await kubectl('delete', 'namespace', 'svidwatch', 'svidwatch-node', '--ignore-not-found', '--timeout=120s')
}

export async function applyObjects(folder: string, ...items: readonly object[]): Promise<void> {
  const file = `${folder}/objects.json`
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await kubectl('apply', '-f', file)
}

/** Returns the address of the cluster's first node: this machine, where the tests run on the node. */
export async function nodeAddress(): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
  return (await kubectl('get', 'nodes', '-o', `jsonpath=${path}`)).split(' ')[0] ?? ''
}

export async function environmentOf(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8')
  const pairs = text.split('\0').filter((pair) => pair !== '')
  return new Map(pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string]))
}
