import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { podProjection, type PodProjectionOptions } from '../../../../src/sources/pods/projection.ts'
import { fixtureText } from '../../../support/fixtures.ts'

const driver = 'spiffe.csi.cert-manager.io'

/** What the default settings say. */
const options = ((): PodProjectionOptions => {
  const resolved = resolveConfig(undefined, 'the defaults')
  if (!('config' in resolved)) throw new Error(resolved.problems.join('\n'))
  const { drivers, agents, coverage } = resolved.config
  return { drivers: drivers.map(({ name }) => name), agents, agentSockets: coverage.agentSockets }
})()

const project = podProjection(options)

interface Recorded {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec: object
}

const recorded = (path: string) =>
  (JSON.parse(fixtureText(path)) as { readonly items: readonly Recorded[] }).items.filter(({ kind }) => kind === 'Pod')
const workloads = recorded('csi/pods-team-a.json')
const ofCertManager = recorded('csi/workloads-cert-manager-ns.json')

describe('a recorded pod', () => {
  it('of a workload is kept with everything that the ledger needs, and nothing else', () => {
    expect(project(workloads[0])).toEqual({
      uid: '8b12dd94-2819-422c-ae2c-e4a9f272ea9c',
      namespace: 'team-a',
      name: 'api-fsgroup',
      node: 'node-1',
      ended: false,
      volumes: [{ name: 'spiffe', driver }],
      needs: ['csi-driver-spiffe'],
      posture: [],
      mountedSinceMs: Date.parse('2026-11-22T07:59:42Z'),
      serviceAccount: 'api',
    })
  })

  it('of a workload has the volumes of the drivers that are asked for, and of no others', () => {
    const volumesFor = (...drivers: string[]) =>
      workloads.map((item) => podProjection({ ...options, drivers })(item).volumes)
    const isBySubPath = ({ metadata }: Recorded) => metadata.name === 'api-subpath'
    expect(volumesFor('another', driver)).toEqual(
      workloads.map((item) => [{ name: 'spiffe', driver, ...(isBySubPath(item) && { bySubPath: true }) }]),
    )
    expect(volumesFor('another')).toEqual(workloads.map(() => []))
  })

  it('of the driver is the agent of its node, and that of the approver is not', () => {
    expect(ofCertManager.map((item) => [item.metadata.name, project(item)])).toMatchObject([
      ['cert-manager-csi-driver-spiffe-approver-6779648c55-j68wq', { node: 'node-1', volumes: [], posture: [] }],
      [
        'cert-manager-csi-driver-spiffe-driver-2965d',
        { node: 'node-1', volumes: [], posture: [], agent: { name: 'csi-driver-spiffe', ready: true } },
      ],
    ])
    expect(ofCertManager.map((item) => project(item).agent !== undefined)).toEqual([false, true])
  })
})

const volume = (name: string, of = driver) => ({ name, csi: { driver: of } })
const hostPath = (path: string, type?: string) => ({ name: 'host', hostPath: { path, type } })
const running = (startedAt: string) => ({ state: { running: { startedAt } } })
const ready = (status: string) => ({
  conditions: [
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', status },
  ],
})

/** A pod with an SVID, scheduled and running unless its fields say otherwise. */
const pod = (spec: object, status: object = {}, metadata: object = {}) => ({
  metadata: { uid: 'pod-1', namespace: 'team-a', name: 'web-0', ...metadata },
  spec: { nodeName: 'node-1', volumes: [volume('spiffe')], ...spec },
  status: { phase: 'Running', ...status },
})

const ofSpireAgent = { labels: { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'spire' } }

describe('a pod', () => {
  it.each([
    ['Pending', false],
    ['Running', false],
    ['Unknown', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('in the phase %s has ended: %s', (phase, ended) => {
    expect(project(pod({}, { phase }))).toMatchObject({ ended })
  })

  it.each<[string, unknown]>([
    ['no volumes', undefined],
    ['ordinary volumes', [{ name: 'data', emptyDir: {} }]],
    ['volumes of other drivers', [volume('data', 'ebs.csi.aws.com')]],
  ])('with %s is known, and needs no agent', (_, volumes) => {
    expect(project(pod({ volumes }))).toMatchObject({ name: 'web-0', volumes: [], needs: [] })
  })

  it('has all volumes of all drivers that mount SVIDs', () => {
    const volumes = [volume('one'), { name: 'data', emptyDir: {} }, volume('two', 'other'), volume('x', 'ebs')]
    const projectBoth = podProjection({ ...options, drivers: [driver, 'other'] })
    expect(projectBoth(pod({ volumes }))).toMatchObject({
      volumes: [
        { name: 'one', driver },
        { name: 'two', driver: 'other' },
      ],
    })
  })

  it('shares the list of its volumes with all pods that have the same', () => {
    const [one, other] = ['pod-1', 'pod-2'].map((uid) => project(pod({}, {}, { uid })).volumes)
    expect(one).toEqual([{ name: 'spiffe', driver }])
    expect(other).toBe(one)
  })

  it('needs each agent once whose driver it mounts a volume of, whether that is an SVID or a socket', () => {
    const volumes = [volume('one'), volume('two'), volume('socket', 'csi.spiffe.io')]
    expect(project(pod({ volumes }))).toMatchObject({
      volumes: [{ name: 'one' }, { name: 'two' }],
      needs: ['csi-driver-spiffe', 'spire-agent'],
    })
  })

  it('tells since when its oldest running container mounts each volume, whatever kind of container that is', () => {
    const volumes = [volume('one'), volume('two'), volume('three'), volume('none')]
    const mounting = (name: string, ...names: string[]) => ({ name, volumeMounts: names.map((one) => ({ name: one })) })
    const since = (name: string, second: number) => ({ name, ...running(`2026-01-01T00:00:0${second}Z`) })
    const spec = {
      volumes,
      initContainers: [mounting('sidecar', 'two')],
      containers: [mounting('old', 'one'), mounting('restarted', 'one', 'two', 'three'), mounting('waiting', 'none')],
      ephemeralContainers: [mounting('shell', 'three')],
    }
    const status = {
      initContainerStatuses: [since('sidecar', 1)],
      containerStatuses: [since('old', 2), since('restarted', 5), { name: 'waiting', state: { waiting: {} } }],
      ephemeralContainerStatuses: [since('shell', 7)],
    }
    const at = (second: number) => Date.parse(`2026-01-01T00:00:0${second}Z`)
    expect(project(pod(spec, status)).mountedSinceMs).toEqual([at(2), at(1), at(5), undefined])
  })

  it.each<[string, object, true | undefined]>([
    ['the whole volume', {}, undefined],
    ['an empty sub path, which is the whole volume', { subPath: '' }, undefined],
    ['a sub path', { subPath: 'tls.crt' }, true],
    ['a sub path with variables', { subPathExpr: '$(POD_NAME)' }, true],
  ])('of which a container mounts %s says so', (_, mount, bySubPath) => {
    const mounts = (name: string) => [{ volumeMounts: [{ name, ...mount }] }]
    expect(project(pod({ containers: mounts('spiffe') })).volumes).toEqual([
      { name: 'spiffe', driver, ...(bySubPath && { bySubPath }) },
    ])
    expect(project(pod({ initContainers: mounts('spiffe') })).volumes[0]?.bySubPath).toBe(bySubPath)
    expect(project(pod({ containers: mounts('another') })).volumes[0]?.bySubPath).toBeUndefined()
  })

  it('without a volume for an SVID has no field for its service account or its mounts', () => {
    const other = project(
      pod({ volumes: [], serviceAccountName: 'web' }, { containerStatuses: [running('2026-01-01T00:00:01Z')] }),
    )
    expect(other).not.toHaveProperty('serviceAccount')
    expect(other).not.toHaveProperty('mountedSinceMs')
  })

  it('is on no node until it is scheduled', () => {
    expect(project(pod({ nodeName: undefined }, { phase: 'Pending' }))).toMatchObject({ node: '' })
  })

  it('tells by when it is to have stopped, once it is being deleted', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 }
    expect(project(pod({}, {}, metadata)).deadlineMs).toBe(Date.parse('2026-01-01T00:00:30Z'))
    expect(project(pod({}))).not.toHaveProperty('deadlineMs')
  })

  it.each<[string, unknown, boolean]>([
    ['never', { 'svidwatch.io/page': 'never' }, true],
    ['never, beside others', { 'svidwatch.io/page': 'never', other: 'x'.repeat(200_000) }, true],
    ['nothing', undefined, false],
    ['another word', { 'svidwatch.io/page': 'Never' }, false],
    ['an empty text', { 'svidwatch.io/page': '' }, false],
    ['never under another key', { 'svidwatch.io/pages': 'never' }, false],
  ])('whose annotation says %s is muted or not', (_, annotations, muted) => {
    expect(project(pod({}, {}, { annotations })).muted).toBe(muted ? true : undefined)
  })

  it('that is not muted has no field for it, and none of its annotations', () => {
    const annotations = { 'svidwatch.io/page': 'always', note: 'long' }
    expect(project(pod({}, {}, { annotations }))).toEqual(project(pod({})))
    expect(project(pod({}))).not.toHaveProperty('muted')
  })

  it('tells since when the kubelet knows it, while it has a volume for an SVID and no container runs', () => {
    const startTime = '2026-01-01T00:00:01Z'
    const startedMs = Date.parse(startTime)
    const waiting = [{ state: { waiting: { reason: 'ContainerCreating' } } }]
    expect(project(pod({}, { phase: 'Pending', startTime, containerStatuses: waiting }))).toMatchObject({ startedMs })
    expect(project(pod({}, { phase: 'Pending', startTime }))).toMatchObject({ startedMs })
    const stopped = [{ state: { terminated: { startedAt: startTime } } }]
    expect(project(pod({}, { startTime, containerStatuses: stopped }))).toMatchObject({ startedMs })
    for (const other of [
      pod({}, { phase: 'Pending', containerStatuses: waiting }),
      pod({}, { startTime, containerStatuses: [...waiting, running('2026-01-01T00:00:03Z')] }),
      pod({}, { startTime, phase: 'Succeeded' }),
      pod({ volumes: [] }, { phase: 'Pending', startTime }),
    ])
      expect(project(other)).not.toHaveProperty('startedMs')
  })
})

describe('an agent', () => {
  it.each<[string, object, object, boolean]>([
    ['says that it is ready', ready('True'), {}, true],
    ['says that it is not', ready('False'), {}, false],
    ['cannot be asked by its kubelet', ready('Unknown'), {}, false],
    ['has said nothing yet', {}, {}, false],
    ['is being deleted', ready('True'), { deletionTimestamp: '2026-01-01T00:00:00Z' }, false],
  ])('that %s', (_, status, metadata, isReady) => {
    expect(project(pod({}, status, { ...ofSpireAgent, ...metadata })).agent).toEqual({
      name: 'spire-agent',
      ready: isReady,
    })
  })

  it.each<[string, object]>([
    ['one of its labels only', { 'app.kubernetes.io/name': 'agent' }],
    ['another value', { ...ofSpireAgent.labels, 'app.kubernetes.io/instance': 'other' }],
  ])('is none with %s', (_, labels) => {
    expect(project(pod({}, {}, { labels }))).not.toHaveProperty('agent')
  })
})

describe('of agents that a pod could be', () => {
  const podLabels = { app: 'csi' }
  const labels = { app: 'csi', tier: 'edge' }
  const agents = [
    { name: 'of-the-edge', driver, podLabels: labels, namespace: 'csi' },
    { name: 'of-csi', driver, podLabels, namespace: 'csi' },
    { name: 'of-anywhere', driver, podLabels },
  ]
  const nameOf = (known: PodProjectionOptions['agents'], metadata: object) =>
    podProjection({ ...options, agents: known })(pod({}, {}, metadata)).agent?.name

  it.each([
    ['csi', labels, 'of-the-edge'],
    ['csi', podLabels, 'of-csi'],
    ['team-a', labels, 'of-anywhere'],
  ])('in the namespace %s with the labels %j it is the first that it fits: %s', (namespace, labels, name) => {
    expect(nameOf(agents, { namespace, labels })).toBe(name)
  })

  it('none is one whose pods are in another namespace, and its posture is its own', () => {
    const onlyCsi = agents.slice(0, 2)
    expect(nameOf(onlyCsi, { namespace: 'team-a', labels })).toBeUndefined()
    const posing = podProjection({ ...options, agents: onlyCsi })(pod({ hostPID: true }, {}, { labels }))
    expect(posing.posture).toEqual(['host_pid'])
  })
})

describe('the posture of a pod', () => {
  const socket = '/run/spire/agent-sockets/spire-agent.sock'

  it.each<[string, object, string[]]>([
    ['in the process namespace of its node', { hostPID: true }, ['host_pid']],
    ['that says that it is not', { hostPID: false }, []],
    ['with a socket', { volumes: [hostPath(socket, 'Socket')] }, ['socket_file_mount']],
    ['with a socket of no type', { volumes: [hostPath(socket)] }, ['socket_file_mount']],
    [
      'with a socket, its path written otherwise',
      { volumes: [hostPath(`/run//spire/./agent-sockets/spire-agent.sock/`)] },
      ['socket_file_mount'],
    ],
    ['with a socket below the symlink /var/run', { volumes: [hostPath(`/var${socket}`)] }, ['socket_file_mount']],
    ['with the folder of a socket', { volumes: [hostPath('/run/spire/agent-sockets', 'Directory')] }, []],
    ['with another socket', { volumes: [hostPath('/run/containerd/containerd.sock')] }, []],
    ['with both', { hostPID: true, volumes: [hostPath(socket)] }, ['host_pid', 'socket_file_mount']],
  ])('%s', (_, spec, posture) => {
    expect(project(pod(spec))).toMatchObject({ posture })
  })

  it('of an agent lets it see the processes of its node, and no more', () => {
    expect(project(pod({ hostPID: true, volumes: [hostPath(socket)] }, {}, ofSpireAgent))).toMatchObject({
      posture: ['socket_file_mount'],
    })
  })

  it('goes by the sockets that the settings name, written in any way', () => {
    const projectOther = podProjection({ ...options, agentSockets: ['/var/run/agent/../agent.sock'] })
    expect(projectOther(pod({ volumes: [hostPath('/run/agent.sock')] }))).toMatchObject({
      posture: ['socket_file_mount'],
    })
    expect(projectOther(pod({ volumes: [hostPath(socket)] }))).toMatchObject({ posture: [] })
  })
})

describe('a name in a pod that no Kubernetes object can have', () => {
  const pod = { metadata: { uid: 'uid-a', namespace: 'team-a', name: 'web' }, spec: {}, status: {} }
  const volumes = [{ name: '@here', csi: { driver } }]

  it.each([
    ['metadata.name', { metadata: { ...pod.metadata, name: '<!channel>' } }],
    ['metadata.namespace', { metadata: { ...pod.metadata, namespace: '[a](https://b.example)' } }],
    ['spec.nodeName', { spec: { nodeName: 'https://evil.example' } }],
    ['spec.volumes[0].name', { spec: { volumes } }],
  ])('is refused with the pod: %s', (field, wrong) => {
    expect(() => project({ ...pod, ...wrong })).toThrow(`${field} must be the name of a Kubernetes object`)
  })
})
