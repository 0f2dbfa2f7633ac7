import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { shippedContainer, shippedPod } from '../support/shippedContainer.ts'
import { shippedObject, shippedObjects } from '../support/shippedObjects.ts'

const namespaces = { cluster: 'svidwatch', node: 'svidwatch-node' } as const
const files = ['svidwatch.yaml', 'namespaced.yaml'] as const

/** The settings of a role as they are deployed, and the folders that are mounted into its container. */
function deployed(role: 'cluster' | 'node') {
  const name = `${namespaces[role]}-settings`
  const text = shippedObject('svidwatch.yaml', 'ConfigMap', name).data?.['svidwatch.yaml']
  const resolved = resolveConfig(text, name)
  if (!('config' in resolved)) throw new Error(resolved.problems.join('\n'))
  const container = shippedContainer(role)
  return { config: resolved.config, container, folders: container.volumeMounts.map(({ mountPath }) => `${mountPath}/`) }
}

/** The paths that a role's program may read by Node.js' permission model. */
function readable(role: 'cluster' | 'node'): readonly string[] {
  const flag = '--allow-fs-read='
  return shippedContainer(role).command.flatMap((word) => (word.startsWith(flag) ? [word.slice(flag.length)] : []))
}

test('the cluster role follows the Service of the node roles, with a key and public keys that belong to the release', () => {
  const { nodeFindings, checkpoint } = deployed('cluster').config
  const of = (kind: string, name: string) => {
    const { metadata } = shippedObject('svidwatch.yaml', kind, name)
    return { namespace: metadata.namespace, name: metadata.name }
  }
  expect(nodeFindings.service).toEqual(of('Service', 'svidwatch-node'))
  expect(nodeFindings.signingSecret).toEqual(of('Secret', 'svidwatch-signing-key'))
  expect(nodeFindings.publicKeysConfigMap).toEqual(of('ConfigMap', 'svidwatch-public-keys'))
  expect(checkpoint.configMap).toEqual(of('ConfigMap', 'svidwatch-state'))
})

test('the node role has its keys and the pods mounted', () => {
  const { config, folders } = deployed('node')
  const paths = [config.nodeFindings.publicKeys ?? '', `${config.mountedSvids.kubeletRoot}/pods/`]
  expect(paths.map((path) => folders.filter((folder) => path.startsWith(folder)).length)).toEqual([1, 1])
})

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount/'

test.each([
  ['cluster', [serviceAccount]],
  ['node', []],
] as const)(
  'the %s role mounts only what it reads, read-only, and may read nothing else but its own',
  (role, given) => {
    const { container, folders } = deployed(role)
    expect(container.volumeMounts.filter(({ readOnly }) => readOnly !== true)).toEqual([])
    expect(container.command).toContain('--permission')
    const paths = readable(role)
    const isReadable = (folder: string) => paths.some((path) => path.endsWith('/') && folder.startsWith(path))
    expect([...folders, ...given].filter((folder) => !isReadable(folder))).toEqual([])
    const isNeeded = (path: string) =>
      path === '/svidwatch/' || [...folders, ...given].some((folder) => folder.startsWith(path))
    expect(paths.filter((path) => !isNeeded(path) && !path.startsWith('/proc/self/'))).toEqual([])
  },
)

test.each(['cluster', 'node'] as const)(
  'the process of the %s role is not the first one of its container, which no signal of its own can end',
  (role) => expect(shippedPod(role).shareProcessNamespace).toBe(true),
)

test.each(files)('%s grants what is watched, and the reading and filling of three named objects', (file) => {
  const rules = shippedObjects(file).flatMap((object) => object.rules ?? [])
  const others = rules.filter(({ verbs }) => verbs.some((verb) => verb !== 'list' && verb !== 'watch'))
  expect(others.map(({ resources, resourceNames, verbs }) => [resources, resourceNames, verbs])).toEqual([
    [['secrets'], ['svidwatch-signing-key'], ['get', 'update']],
    [['configmaps'], ['svidwatch-public-keys'], ['get', 'update']],
    [['configmaps'], ['svidwatch-state'], ['get', 'update']],
  ])
  const watched = rules.filter((rule) => !others.includes(rule)).flatMap(({ resources }) => resources)
  expect(watched.filter((name) => name === 'secrets' || name === '*')).toEqual([])
})

test('the rights in namespaces are Roles, each bound to svidwatch in its namespace', () => {
  const ofKind = (kind: string) =>
    shippedObjects('namespaced.yaml').flatMap((object) => (object.kind === kind ? [object.metadata] : []))
  expect(ofKind('RoleBinding')).toEqual(ofKind('Role'))
  expect([...ofKind('ClusterRole'), ...ofKind('ClusterRoleBinding')]).toEqual([])
  const watched = ofKind('Role').flatMap(({ name, namespace }) => (name === 'svidwatch' ? [namespace] : []))
  expect(watched).toEqual(['team-a', 'team-b'])
})
