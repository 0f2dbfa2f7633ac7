import { expect, test } from 'vitest'
import { at, find, nameOf, render, renderText, type Values } from './support/render.ts'

interface Peer {
  readonly ipBlock?: { readonly cidr: string }
  readonly namespaceSelector?: {
    readonly matchLabels?: Readonly<Record<string, string>>
    readonly matchExpressions?: readonly { readonly values: readonly string[] }[]
  }
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> }
}

interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports: readonly { readonly port?: number | string; readonly endPort?: number; readonly protocol?: string }[]
}

/** Names a peer: its addresses, or its namespaces and component; `*` stands for all namespaces. */
function peerName({ ipBlock, namespaceSelector, podSelector }: Peer): string {
  if (ipBlock !== undefined) return ipBlock.cidr
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector ?? {}
  const selected = [...Object.values(matchLabels), ...matchExpressions.flatMap(({ values }) => values)].join()
  const namespace = namespaceSelector !== undefined && selected === '' ? '*' : selected
  const labels = podSelector?.matchLabels ?? {}
  return `${namespace}/${labels['app.kubernetes.io/component'] ?? Object.values(labels).join()}`
}

function portName({ port = 'all', endPort, protocol = 'TCP' }: Rule['ports'][number]): string {
  return `${port}${endPort === undefined ? '' : `-${endPort}`}${protocol === 'TCP' ? '' : `/${protocol}`}`
}

const line = ({ from, to, ports }: Rule): string =>
  `${(from ?? to)?.map(peerName).join(' ') ?? 'any'} ${ports.map(portName).join()}`

/** Returns a line for each rule of a role's policy. */
async function rules(
  role: 'cluster' | 'node',
  values: Values,
): Promise<{ ingress: readonly string[]; egress: readonly string[] }> {
  const objects = await render({ ...values, networkPolicy: { enabled: true, ...(values['networkPolicy'] as Values) } })
  const name = role === 'cluster' ? 'svidwatch/svidwatch' : 'svidwatch-node/svidwatch-node'
  const policy = find(objects, `NetworkPolicy ${name}`)
  expect(at(policy, 'spec policyTypes')).toEqual(['Ingress', 'Egress'])
  const of = (direction: 'ingress' | 'egress') => (at(policy, `spec ${direction}`) as readonly Rule[]).map(line)
  return { ingress: of('ingress'), egress: of('egress') }
}

const apiServer = 'any 443,6443'
const nodeRoles = 'svidwatch-node/node 9797'
/** What the cluster role may connect to by default. */
const usual = [apiServer, nodeRoles, '*/ all']
const toDns = 'kube-system/kube-dns 53/UDP,53'
const prometheus = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }
const endpoint = (url: string, redirectHosts?: readonly string[]) => ({
  settings: {
    bundleEndpoints: [{ trustDomain: 'a.example', url, profile: 'https_web', ...(redirectHosts && { redirectHosts }) }],
  },
})

/** Values that say which pods serve SVIDs, and at which ports. */
const servers = (to: readonly Peer[], ports: readonly object[]) => ({ networkPolicy: { servedSvids: { to, ports } } })

const probed = (...addresses: readonly string[]) => ({
  settings: { servedSvids: { pods: false, targets: addresses.map((address) => ({ address })) } },
})

const collector = (url: string) => ({ settings: { tracing: { endpoint: url } } })

test.each<[Values, readonly string[]]>([
  [{}, usual],
  [{ node: { enabled: false } }, [apiServer, '*/ all']],
  [{ node: { enabled: false }, nodeFindings: { service: 'agents/x-node' } }, [apiServer, 'agents/ 9797', '*/ all']],
  [{ node: { settings: { server: { port: 8080 } } } }, [apiServer, 'svidwatch-node/node 8080', '*/ all']],
  [
    { networkPolicy: { apiServer: { cidrs: ['10.0.0.1/32', 'fd00::1/128'], ports: [6443] } } },
    ['10.0.0.1/32 fd00::1/128 6443', nodeRoles, '*/ all'],
  ],
  [{ namespaces: ['team-a', 'team-b'] }, [apiServer, nodeRoles, 'team-a,team-b/ all']],
  [
    servers([prometheus], [{ port: 8443 }, { port: 9000, endPort: 9099 }]),
    [apiServer, nodeRoles, 'monitoring/ 8443,9000-9099'],
  ],
  [servers([], [{ port: 'https' }]), [apiServer, nodeRoles, '*/ https']],
  [{ ...servers([prometheus], []), namespaces: ['team-a'] }, [apiServer, nodeRoles, 'monitoring/ all']],
  [probed(), [apiServer, nodeRoles]],
  [{ ...probed(), ...servers([prometheus], [{ port: 8443 }]) }, [apiServer, nodeRoles]],
  [probed('a.example:8443', 'b.example:8443', 'c.example:9443'), [apiServer, nodeRoles, 'any 8443', 'any 9443', toDns]],
  [probed('192.0.2.7:8443', '192.0.2.7:9443'), [apiServer, nodeRoles, '192.0.2.7/32 8443', '192.0.2.7/32 9443']],
  [probed('[2001:db8::7]:8443'), [apiServer, nodeRoles, '2001:db8::7/128 8443']],
  [probed('web.prod.svc:443', 'api.prod.svc.cluster.local:443'), [apiServer, nodeRoles, 'prod/ 443', toDns]],
  [{ settings: { servedSvids: { targets: [{ address: 'a.example:8443' }] } } }, [...usual, 'any 8443', toDns]],
  [endpoint('https://a.example/bundle'), [...usual, 'any 443', toDns]],
  [
    endpoint('https://a.example:8443/bundle', ['cdn.example', 'b.example:9443']),
    [...usual, 'any 8443,443,9443', toDns],
  ],
  [endpoint('https://192.0.2.7:8443/bundle'), [...usual, '192.0.2.7/32 8443']],
  [endpoint('https://[2001:db8::7]/bundle'), [...usual, '2001:db8::7/128 443']],
  [
    { ...endpoint('https://a.example/bundle'), networkPolicy: { dns: { to: [prometheus], ports: [5353] } } },
    [...usual, 'any 443', 'monitoring/ 5353/UDP,5353'],
  ],
  [
    { ...endpoint('https://a.example/bundle'), networkPolicy: { dns: { to: [] } } },
    [...usual, 'any 443', 'any 53/UDP,53'],
  ],
  [collector('http://otel.example:4318/tenant'), [...usual, 'any 4318', toDns]],
  [collector('https://otel.example'), [...usual, 'any 443', toDns]],
  // It could be a host of the domain "monitoring" as well.
  [collector('http://otel-collector.monitoring'), [...usual, 'any 80', toDns]],
  [collector('http://otel-collector.monitoring.svc:4318'), [...usual, 'monitoring/ 4318', toDns]],
  [collector('http://Otel-0.Otel.Monitoring.svc.cluster.local.:4318'), [...usual, 'monitoring/ 4318', toDns]],
  [collector('http://otel.svc.example:4318'), [...usual, 'any 4318', toDns]],
  [collector('http://otel.example:/a@b'), [...usual, 'any 80', toDns]],
  [collector('http://192.0.2.7:4318'), [...usual, '192.0.2.7/32 4318']],
  [collector('https://[2001:db8::7]/'), [...usual, '2001:db8::7/128 443']],
  [{ settings: { tracing: { sampleRatio: 0.5 } } }, usual],
  [
    {
      settings: { ...endpoint('https://192.0.2.7/bundle').settings, ...collector('http://otel.example:4318').settings },
    },
    [...usual, '192.0.2.7/32 443', 'any 4318', toDns],
  ],
  [{ cluster: { extraEnv: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel.example:4318' }] } }, usual],
  [{ settings: { kubernetes: { kubeconfig: '/etc/svidwatch/kubeconfig' } } }, [...usual, toDns]],
  [
    {
      networkPolicy: {
        extraEgress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 3128, protocol: 'TCP' }] }],
      },
    },
    [...usual, '192.0.2.0/24 3128'],
  ],
])('with %j the cluster role may connect to exactly what it needs', async (values, expected) => {
  expect((await rules('cluster', values)).egress).toEqual(expected)
})

test.each<[Values, readonly string[], readonly string[]]>([
  [{}, ['any 9797', 'any 9798'], ['any 9797', 'any 9798', 'svidwatch/cluster 9797']],
  [
    { networkPolicy: { metricsFrom: [prometheus] } },
    ['monitoring/ 9797', 'any 9798', '/test 9797,9798'],
    ['monitoring/ 9797', 'any 9798', 'svidwatch/cluster 9797'],
  ],
  [
    { networkPolicy: { probesFrom: [{ ipBlock: { cidr: '10.0.0.0/16' } }] } },
    ['any 9797', '10.0.0.0/16 9798', '/test 9797,9798'],
    ['any 9797', '10.0.0.0/16 9798', 'svidwatch/cluster 9797'],
  ],
  [
    { settings: { server: { port: 8080 } } },
    ['any 8080', 'any 9798'],
    ['any 9797', 'any 9798', 'svidwatch/cluster 9797'],
  ],
  [
    { networkPolicy: { extraIngress: [{ from: [prometheus], ports: [{ port: 1, protocol: 'TCP' }] }] } },
    ['any 9797', 'any 9798', 'monitoring/ 1'],
    ['any 9797', 'any 9798', 'svidwatch/cluster 9797', 'monitoring/ 1'],
  ],
])('with %j both roles can be reached by those who need it', async (values, cluster, node) => {
  expect((await rules('cluster', values)).ingress).toEqual(cluster)
  const ofNode = await rules('node', values)
  expect(ofNode.ingress).toEqual(node)
  expect(ofNode.egress).toEqual([])
})

test('a node role without a cluster role of its release is reached by those whom the values name', async () => {
  const follower = { from: [prometheus], ports: [{ port: 9797, protocol: 'TCP' }] }
  const values = { cluster: { enabled: false }, networkPolicy: { metricsFrom: [prometheus], extraIngress: [follower] } }
  expect((await rules('node', values)).ingress).toEqual(['monitoring/ 9797', 'any 9798', 'monitoring/ 9797'])
})

test('each rule that is open to any address says why in the manifest', async () => {
  const text = await renderText({
    settings: { ...endpoint('https://a.example/bundle').settings, ...collector('http://otel.example').settings },
    networkPolicy: { enabled: true, dns: { to: [] } },
  })
  const lines = text.split('\n').map((one) => one.trim())
  const open = lines.flatMap((one, index) => (one.startsWith('- ports:') ? [lines[index - 1]] : []))
  expect(open).toHaveLength(8)
  expect(open.filter((comment) => !/^# .*(any address|From anywhere)/.test(comment ?? ''))).toEqual([])
})

test.each<[string, Values, readonly string[]]>([
  ['all pods and ports', {}, ['All pods of the cluster', 'At every TCP port']],
  [
    'all pods of some namespaces',
    { namespaces: ['team-a'] },
    ['All pods of the watched namespaces', 'At every TCP port'],
  ],
  ['all pods', servers([], [{ port: 8443 }]), ['All pods of the cluster']],
  ['all ports', servers([prometheus], []), ['At every TCP port']],
  ['what the values name', servers([prometheus], [{ port: 8443 }]), []],
])('the rule for probes of %s says in the manifest why it is as wide as that', async (_name, values, reasons) => {
  const { servedSvids = {} } = (values['networkPolicy'] ?? {}) as { servedSvids?: object }
  const text = await renderText({ ...values, networkPolicy: { enabled: true, servedSvids } })
  const [, comments = ''] = /# The pods that serve SVIDs\.\n((?: *#.*\n)*) *- to:/.exec(text) ?? []
  const given = comments.split('\n').flatMap((line) => /# (.+): networkPolicy\.servedSvids\./.exec(line)?.[1] ?? [])
  expect(given).toEqual(reasons)
})

test('there are no network policies by default', async () => {
  expect((await render()).map(nameOf).filter((name) => name.startsWith('NetworkPolicy'))).toEqual([])
})
