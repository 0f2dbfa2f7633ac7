import { kubectl } from '../../support/shell.ts'

/** Events come and go, and componentstatuses are no objects. */
const volatile = ['events', 'events.events.k8s.io', 'componentstatuses']

/** Returns a line for each object of every kind that the API server knows: kind, namespace and name. */
export async function allObjects(): Promise<readonly string[]> {
  const resources = (await kubectl('api-resources', '--verbs=list', '-o', 'name'))
    .trim()
    .split('\n')
    .filter((resource) => !volatile.includes(resource))
  const columns = 'KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name'
  const lines = await kubectl('get', resources.join(','), '-A', '--no-headers', '-o', `custom-columns=${columns}`)
  return lines
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
    .sort()
}
