import { expect, test } from 'vitest'
import { at, find, nameOf, render, type Rendered, type Setting, type Values } from './support/render.ts'

interface Rule {
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** Returns a line for each right that svidwatch has: the namespace or `*`, the resource with the name if it is for one, the verbs. */
function rightsIn(objects: readonly Rendered[]): readonly string[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'Role' && object.kind !== 'ClusterRole') return []
    const where = object.metadata.namespace ?? '*'
    return (at(object, 'rules') as readonly Rule[]).flatMap(({ resources, resourceNames = [], verbs }) =>
      resources.map((resource) => `${where}: ${[resource, ...resourceNames].join('/')} ${verbs.join(',')}`),
    )
  })
}

const rights = async (values: Values, setting?: Setting) => rightsIn(await render(values, setting))

/** The resources that are watched in the whole cluster, and the source of each that can be switched off. */
const sourcesInCluster = {
  certificaterequests: 'certificateRequests',
  namespaces: 'namespaces',
  nodes: 'nodes',
  csinodes: 'csiNodes',
  bundles: 'trustManagerBundles',
  clusterbundles: 'trustManagerClusterBundles',
}
const watchedInCluster = ['pods', ...Object.keys(sourcesInCluster)].map((resource) => `*: ${resource} list,watch`)
const state = 'svidwatch: configmaps/svidwatch-state get,update'
const discovery = 'svidwatch-node: endpointslices list,watch'
const madeKeys = [
  'svidwatch: secrets/svidwatch-signing-key get,update',
  'svidwatch-node: configmaps/svidwatch-public-keys get,update',
]
const everything = [...watchedInCluster, ...madeKeys, discovery, state]
const without = (...parts: readonly string[]) =>
  everything.filter((right) => !parts.some((part) => right.includes(part)))
const inNamespaces = (...namespaces: readonly string[]) =>
  namespaces.flatMap((namespace) => ['certificaterequests', 'pods'].map((one) => `${namespace}: ${one} list,watch`))

/** A server that is probed by name. */
const server = {
  address: 'payments.example.com:8443',
  clientCertificate: '/etc/svidwatch/client/tls.crt',
  clientKey: '/etc/svidwatch/client/tls.key',
}

/** Values, and all rights that svidwatch then has. */
const modes: readonly (readonly [Values, readonly string[]])[] = [
  [{}, everything],
  ...Object.entries(sourcesInCluster).map(
    ([resource, source]) =>
      [{ settings: { kubernetes: { sources: { [source]: false } } } }, without(`*: ${resource} `)] as const,
  ),
  [
    { settings: { trustBundles: { names: ['ca-bundle', 'spiffe-ca'], clusterTrustBundles: true } } },
    [...everything, '*: configmaps/ca-bundle/spiffe-ca list,watch', '*: clustertrustbundles list,watch'],
  ],
  [
    { namespaces: ['team-a'], settings: { trustBundles: { names: ['ca-bundle'], clusterTrustBundles: true } } },
    [...madeKeys, ...inNamespaces('team-a'), 'team-a: configmaps/ca-bundle list,watch', ...[discovery, state]],
  ],
  ...[false, true].map((pods) => [{ settings: { servedSvids: { pods, targets: [server] } } }, everything] as const),
  [{ namespaces: ['team-a', 'team-b'] }, [...madeKeys, ...inNamespaces('team-a', 'team-b'), discovery, state]],
  [
    { namespaces: ['team-a'], settings: { kubernetes: { sources: { certificateRequests: false } } } },
    [...madeKeys, 'team-a: pods list,watch', discovery, state],
  ],
  [{ node: { enabled: false } }, without('svidwatch-node', 'secrets')],
  [{ keys: { signingSecret: 'k', publicKeysConfigMap: 'p' } }, without('secrets', 'public-keys')],
  [{ keys: { publicKeysConfigMap: 'p' } }, everything.map((right) => right.replace('svidwatch-public-keys', 'p'))],
  [
    { node: { enabled: false }, nodeFindings: { service: 'agents/other-node' } },
    everything.map((right) =>
      right.replace('svidwatch-node:', 'agents:').replace('svidwatch-public-keys', 'other-public-keys'),
    ),
  ],
  [
    { settings: { checkpoint: { configMap: 'monitoring/totals' } } },
    [...without('state'), 'monitoring: configmaps/totals get,update'],
  ],
  [{ cluster: { enabled: false } }, []],
  [{ rbac: { create: false } }, []],
]

test.each(modes)('with %j svidwatch has exactly the rights that it uses', async (values, expected) => {
  expect((await rights(values)).toSorted()).toEqual(expected.toSorted())
})

test('each Role is bound to the service account of the cluster role, in its own namespace', async () => {
  const objects = await render({ namespaces: ['team-a'], serviceAccount: { name: 'mine' } })
  const roles = objects.filter(({ kind }) => kind === 'Role')
  for (const role of roles) {
    const binding = find(objects, nameOf(role).replace('Role', 'RoleBinding'))
    expect(at(binding, 'roleRef name')).toBe(role.metadata.name)
    expect(at(binding, 'subjects')).toEqual([{ kind: 'ServiceAccount', name: 'mine', namespace: 'svidwatch' }])
  }
  expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([])
})

test('the pods of the node role and of the test get no token, and the account of the node role has no rights', async () => {
  const objects = await render()
  const node = find(objects, 'DaemonSet svidwatch-node/svidwatch-node')
  expect(at(node, 'spec template spec automountServiceAccountToken')).toBe(false)
  expect(at(find(objects, 'Pod svidwatch/svidwatch-test'), 'spec automountServiceAccountToken')).toBe(false)
  const bound = objects.flatMap((object) => at(object, 'subjects 0 name') ?? [])
  expect(bound).not.toContain(at(node, 'spec template spec serviceAccountName'))
})

/** What the level restricted of Pod Security asks of each pod and container. */
const restricted = {
  pod: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  container: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
}

test('the cluster role and the test meet the level restricted, and the node role misses it only for its uid and its folder', async () => {
  const objects = await render()
  const [cluster, node, tester] = [
    at(find(objects, 'Deployment svidwatch/svidwatch'), 'spec template spec'),
    at(find(objects, 'DaemonSet svidwatch-node/svidwatch-node'), 'spec template spec'),
    at(find(objects, 'Pod svidwatch/svidwatch-test'), 'spec'),
  ]
  for (const pod of [cluster, tester]) expect(at(pod, 'securityContext')).toMatchObject(restricted.pod)
  expect(at(node, 'securityContext')).toEqual({
    runAsUser: 0,
    runAsGroup: 0,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  for (const pod of [cluster, node, tester])
    expect(at(pod, 'containers 0 securityContext')).toEqual(restricted.container)
  const hostPaths = (at(node, 'volumes') as readonly object[]).filter((volume) => 'hostPath' in volume)
  expect(hostPaths).toEqual([{ name: 'pods', hostPath: { path: '/var/lib/kubelet/pods', type: 'Directory' } }])
})
