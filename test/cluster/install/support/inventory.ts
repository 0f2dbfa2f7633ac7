import { kubectl } from '../../support/shell.ts'

/** Events come and go, and componentstatuses are no objects. */
const volatile = ['events', 'events.events.k8s.io', 'componentstatuses']

const columns = [
  'KIND:.kind',
  'NAMESPACE:.metadata.namespace',
  'NAME:.metadata.name',
  'OWNER:.metadata.ownerReferences[0].kind',
  'DELETED:.metadata.deletionTimestamp',
]

/** All objects, each as a line: kind, namespace and name. */
export interface Inventory {
  readonly lines: readonly string[]
  /** Those that stay until somebody deletes them: they have no owner, and their deletion has not begun. */
  readonly lasting: readonly string[]
}

/** Lists the objects of every kind that the API server knows. */
export async function allObjects(): Promise<Inventory> {
  const resources = (await kubectl('api-resources', '--verbs=list', '-o', 'name'))
    .trim()
    .split('\n')
    .filter((resource) => !volatile.includes(resource))
  const table = await kubectl(
    'get',
    resources.join(','),
    '-A',
    '--no-headers',
    '-o',
    `custom-columns=${columns.join(',')}`,
  )
  const objects = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .map(([kind, namespace, name, owner, deleted]) => ({
      line: `${kind} ${namespace} ${name}`,
      isLasting: owner === '<none>' && deleted === '<none>',
    }))
  return {
    lines: objects.map(({ line }) => line).sort(),
    lasting: objects.filter(({ isLasting }) => isLasting).map(({ line }) => line),
  }
}
