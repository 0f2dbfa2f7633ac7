import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { sizes } from '../support/sizes.ts'
import { at, find, nameOf, render, renderText, type Values } from './support/render.ts'

const deployment = 'Deployment svidwatch/svidwatch'
const daemonSet = 'DaemonSet svidwatch-node/svidwatch-node'
const pod = 'spec template spec'
const container = `${pod} containers 0`
const digest = `sha256:${'0'.repeat(64)}`

/** What a user sets, and what an object then has at a path. */
const changes: readonly (readonly [Values, string, string, unknown])[] = [
  [{ image: { registry: 'quay.io/x', tag: '1.2.3' } }, deployment, `${container} image`, 'quay.io/x/svidwatch:1.2.3'],
  [{ image: { repository: 'a/b', digest: digest } }, daemonSet, `${container} image`, `a/b@${digest}`],
  [{ image: { tag: '1', digest: digest } }, daemonSet, `${container} image`, `svidwatch:1@${digest}`],
  [{ image: { pullPolicy: 'Always' } }, daemonSet, `${container} imagePullPolicy`, 'Always'],
  [{ image: { pullSecrets: ['one'] } }, deployment, `${pod} imagePullSecrets`, [{ name: 'one' }]],
  [{ image: { pullSecrets: ['one'] } }, 'Pod svidwatch/svidwatch-test', 'spec imagePullSecrets', [{ name: 'one' }]],
  [{ commonLabels: { team: 'x' } }, daemonSet, 'spec template metadata labels team', 'x'],
  [{ commonAnnotations: { team: 'x' } }, 'Service svidwatch/svidwatch', 'metadata annotations team', 'x'],
  [{ cluster: { podLabels: { a: 'b' } } }, deployment, 'spec template metadata labels a', 'b'],
  [{ node: { podAnnotations: { a: 'b' } } }, daemonSet, 'spec template metadata annotations a', 'b'],
  [
    { cluster: { nodeSelector: { a: 'b' } } },
    deployment,
    `${pod} nodeSelector`,
    { a: 'b', 'kubernetes.io/os': 'linux' },
  ],
  [{ cluster: { priorityClassName: 'high' } }, deployment, `${pod} priorityClassName`, 'high'],
  [{ node: { tolerateAll: false } }, daemonSet, `${pod} tolerations`, undefined],
  [
    { node: { tolerateAll: false, tolerations: [{ key: 'gpu', operator: 'Exists' }] } },
    daemonSet,
    `${pod} tolerations`,
    [{ key: 'gpu', operator: 'Exists' }],
  ],
  [{ size: 'large' }, deployment, `${container} resources limits memory`, sizes['large']?.limit],
  [
    { size: 'small' },
    deployment,
    `${container} command 1`,
    `--max-old-space-size-percentage=${sizes['small']?.heapPercent}`,
  ],
  [{ size: 'small' }, deployment, `${container} command 2`, `--max-semi-space-size=${sizes['small']?.youngMiB}`],
  [
    { cluster: { resources: { limits: { memory: '3Gi' } } } },
    deployment,
    `${container} resources limits memory`,
    '3Gi',
  ],
  [
    { node: { kubeletRoot: '/var/lib/k0s/kubelet' } },
    daemonSet,
    `${pod} volumes 2 hostPath path`,
    '/var/lib/k0s/kubelet/pods',
  ],
  [
    { node: { kubeletRoot: '/var/lib/k0s/kubelet' } },
    daemonSet,
    `${container} volumeMounts 2 mountPath`,
    '/var/lib/kubelet/pods',
  ],
  [{ node: { seLinuxType: 'spc_t' } }, daemonSet, `${container} securityContext seLinuxOptions type`, 'spc_t'],
  [
    { cluster: { podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null } } },
    deployment,
    `${pod} securityContext`,
    { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  ],
  [{ cluster: { extraEnv: [{ name: 'A', value: 'b' }] } }, deployment, `${container} env 0`, { name: 'A', value: 'b' }],
  [{ serviceAccount: { name: 'mine' } }, deployment, `${pod} serviceAccountName`, 'mine'],
  [{ serviceAccount: { create: false, name: 'mine' } }, deployment, `${pod} serviceAccountName`, 'mine'],
  [{ node: { namespace: { name: 'agents' } } }, 'DaemonSet agents/svidwatch-node', 'metadata namespace', 'agents'],
  [{ node: { namespace: { labels: { a: 'b' } } } }, 'Namespace svidwatch-node', 'metadata labels a', 'b'],
  [{ settings: { server: { port: 8080 } } }, deployment, `${container} ports 0 containerPort`, 8080],
  [
    { cluster: { service: { ipFamilyPolicy: 'PreferDualStack' } } },
    'Service svidwatch/svidwatch',
    'spec ipFamilyPolicy',
    'PreferDualStack',
  ],
  [
    { cluster: { podDisruptionBudget: { enabled: true } } },
    'PodDisruptionBudget svidwatch/svidwatch',
    'spec maxUnavailable',
    0,
  ],
  [{ keys: { signingSecret: 'k', publicKeysConfigMap: 'p' } }, deployment, `${pod} volumes 1 secret secretName`, 'k'],
  [{ keys: { signingSecret: 'k', publicKeysConfigMap: 'p' } }, daemonSet, `${pod} volumes 1 configMap name`, 'p'],
]

test.each(changes)('with %j, %s has at %s: %j', async (values, name, path, expected) => {
  expect(at(find(await render(values), name), path)).toEqual(expected)
})

/** What the roles rely on, and why. */
const reliedOn: readonly (readonly [string, string, string, unknown])[] = [
  ['two cluster roles never run at once', deployment, 'spec strategy type', 'Recreate'],
  [
    'node roles are followed before they are ready',
    'Service svidwatch-node/svidwatch-node',
    'spec publishNotReadyAddresses',
    true,
  ],
  ['what is mounted later is seen', daemonSet, `${container} volumeMounts 2 mountPropagation`, 'HostToContainer'],
  [
    'the node role waits for a public key',
    daemonSet,
    `${pod} volumes 1 configMap`,
    { name: 'svidwatch-public-keys', items: [{ key: 'public.pem', path: 'public.pem' }] },
  ],
  [
    'a test that succeeds leaves nothing behind',
    'Pod svidwatch/svidwatch-test',
    'metadata annotations helm.sh/hook-delete-policy',
    'before-hook-creation,hook-succeeded',
  ],
]

test.each(reliedOn)('%s: %s has at %s %j', async (_, name, path, expected) => {
  expect(at(find(await render(), name), path)).toEqual(expected)
})

test('`helm test` finds the Service by the variable that the kubelet sets for it, without DNS', async () => {
  const objects = await render({}, { release: 'my-release' })
  const { name } = find(objects, 'Service svidwatch/my-release-svidwatch').metadata
  const variable = `${name.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`
  const tester = find(objects, 'Pod svidwatch/my-release-svidwatch-test')
  expect(at(tester, 'spec containers 0 env 0')).toEqual({ name: 'HOST', value: `$(${variable})` })
  expect(at(tester, 'spec enableServiceLinks')).not.toBe(false)
})

/** The objects that values add to the default ones, or take away. */
const inventory: readonly (readonly [Values, readonly string[], readonly string[]])[] = [
  [{ node: { namespace: { create: false } } }, [], ['Namespace svidwatch-node']],
  [{ node: { enabled: false } }, [], [daemonSet, 'Namespace svidwatch-node', 'Secret svidwatch/svidwatch-signing-key']],
  [
    { cluster: { enabled: false } },
    [],
    [deployment, 'ClusterRole svidwatch', 'Secret svidwatch/svidwatch-signing-key'],
  ],
  [
    { keys: { signingSecret: 'k', publicKeysConfigMap: 'p' } },
    [],
    ['Secret svidwatch/svidwatch-signing-key', 'ConfigMap svidwatch-node/svidwatch-public-keys'],
  ],
  [{ settings: { checkpoint: { configMap: 'svidwatch/mine' } } }, [], ['ConfigMap svidwatch/svidwatch-state']],
  [
    {
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-x', namespace: 'a' } },
      ],
    },
    ['ConfigMap a/svidwatch-x'],
    [],
  ],
]

test.each(inventory)('%j adds %j and leaves out %j', async (values, added, left) => {
  const [before, after] = (await Promise.all([render(), render(values)])).map((objects) => objects.map(nameOf))
  expect(after?.filter((name) => !before?.includes(name))).toEqual(added)
  expect(before?.filter((name) => !after?.includes(name))).toEqual(expect.arrayContaining([...left]))
})

test('a folder that is mounted in addition may be read by the program', async () => {
  const extraVolumeMounts = [
    { name: 'ca', mountPath: '/ca' },
    { name: 'one', mountPath: '/one.pem', subPath: 'one.pem' },
  ]
  const objects = await render({ cluster: { extraVolumeMounts }, node: { extraVolumeMounts } })
  for (const name of [deployment, daemonSet]) {
    const command = at(find(objects, name), `${container} command`)
    expect(command).toEqual(expect.arrayContaining(['--allow-fs-read=/ca/', '--allow-fs-read=/one.pem']))
  }
})

test('a state in a file needs a folder that may be written, and no ConfigMap', async () => {
  const mounts = { extraVolumeMounts: [{ name: 'state', mountPath: '/state' }] }
  const settings = { checkpoint: { file: '/state/totals.json' } }
  const objects = await render({ settings, cluster: mounts })
  expect(at(find(objects, deployment), `${container} command`)).toContain('--allow-fs-write=/state/')
  expect(objects.map(nameOf).filter((name) => name.endsWith('-state'))).toEqual([])
  const text = find(objects, 'ConfigMap svidwatch/svidwatch-settings').data?.['svidwatch.yaml'] ?? ''
  expect(parse(text)).toHaveProperty('checkpoint', settings.checkpoint)
})

test('changed settings replace the pods of their role, and of no other', async () => {
  const checksum = 'spec template metadata annotations checksum/settings'
  const [before, after] = await Promise.all([render(), render({ settings: { log: { level: 'debug' } } })])
  expect(at(find(after, deployment), checksum)).not.toBe(at(find(before, deployment), checksum))
  expect(find(after, daemonSet)).toEqual(find(before, daemonSet))
})

test('two renders are equal, and nothing in them is secret', async () => {
  const [one, two] = await Promise.all([renderText({}, { operator: true }), renderText({}, { operator: true })])
  expect(one).toBe(two)
  const objects = await render()
  const filledLater = [
    'Secret svidwatch/svidwatch-signing-key',
    'ConfigMap svidwatch/svidwatch-state',
    'ConfigMap svidwatch-node/svidwatch-public-keys',
  ]
  for (const name of filledLater)
    expect(Object.keys(find(objects, name)).toSorted()).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      ...(name.startsWith('Secret') ? ['type'] : []),
    ])
})

test('each object has a name of its own, and each Service selects the pods of its role', async () => {
  const objects = await render({ networkPolicy: { enabled: true } }, { operator: true })
  const names = objects.map(nameOf)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  for (const [service, workload] of [
    ['Service svidwatch/svidwatch', deployment],
    ['Service svidwatch-node/svidwatch-node', daemonSet],
  ] as const) {
    const labels = at(find(objects, workload), 'spec template metadata labels')
    expect(labels).toMatchObject(at(find(objects, service), 'spec selector') as object)
    expect(at(find(objects, workload), 'spec selector matchLabels')).toEqual(
      at(find(objects, service), 'spec selector'),
    )
  }
})

test('everything can be in one namespace', async () => {
  const objects = await render({ node: { namespace: { name: 'svidwatch', create: false } } })
  const names = objects.map(nameOf)
  expect(names.filter((name, index) => names.indexOf(name) !== index || name.startsWith('Namespace'))).toEqual([])
})

test('two releases of the same name in two namespaces share no name outside of them', async () => {
  const values = {
    namespaces: ['shared'],
    node: { enabled: false },
    nodeFindings: { service: 'svidwatch-node/svidwatch-node' },
  }
  const [one, two] = await Promise.all(['team-a', 'team-b'].map((namespace) => render(values, { namespace })))
  const outside = (objects = one, own = 'team-a') =>
    objects?.map(nameOf).filter((name) => !name.includes(` ${own}/`)) ?? []
  expect(outside()).toHaveLength(6)
  expect(outside(two, 'team-b').filter((name) => outside().includes(name))).toEqual([])
})
