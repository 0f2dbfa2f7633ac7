import { expect, it } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { Role } from '../../../src/role.ts'
import { sourcesOf } from '../../../src/app/roles.ts'
import { knownAgentsOf, svidAgentsOf } from '../../../src/app/agents.ts'

function configOf(settings: object) {
  const resolved = resolveConfig(JSON.stringify(settings), 'settings')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  return resolved.config
}

const everything = {
  servedSvids: { targets: [{ address: 'web.example:8443' }] },
  files: [{ certificate: '/run/svid.pem' }],
  bundleEndpoints: [{ trustDomain: 'partner.example', url: 'https://partner.example', profile: 'https_web' }],
  trustBundles: { names: ['ca-bundle'], clusterTrustBundles: true },
  nodeFindings: { service: 'svidwatch/svidwatch-node', signingKey: '/etc/key.pem', publicKeys: '/etc/public.pem' },
}
const ofTrustManager = ['trustManagerBundles', 'trustManagerClusterBundles']
const ofTrust = [...ofTrustManager, 'trustBundles', 'clusterTrustBundles']
const ofApi = ['certificateRequests', 'pods', 'namespaces', 'nodes', 'csiNodes']
const inNamespaces = { kubernetes: { namespaces: ['team-a', 'cert-manager'] } }

it.each<[readonly Role[], object, readonly string[]]>([
  [['cluster'], {}, [...ofApi, 'servedSvids', ...ofTrustManager]],
  [['cluster'], { servedSvids: { pods: false } }, [...ofApi, ...ofTrustManager]],
  [
    ['cluster'],
    { servedSvids: { ...everything.servedSvids, pods: false } },
    [...ofApi, 'servedSvids', ...ofTrustManager],
  ],
  [['cluster'], everything, [...ofApi, 'nodeFindings', 'servedSvids', 'bundleEndpoints', ...ofTrust]],
  [
    ['cluster'],
    { kubernetes: { sources: { certificateRequests: false, nodes: true } } },
    [...ofApi.slice(1), 'servedSvids', ...ofTrustManager],
  ],
  [
    ['cluster'],
    { kubernetes: { sources: { namespaces: false, nodes: false, csiNodes: false, trustManagerBundles: false } } },
    [...ofApi.slice(0, 2), 'servedSvids', 'trustManagerClusterBundles'],
  ],
  [['node'], {}, ['mountedSvids']],
  [['node'], everything, ['mountedSvids']],
  [['standalone'], {}, []],
  [['standalone'], { files: everything.files }, ['files']],
  [['standalone'], { bundleEndpoints: everything.bundleEndpoints }, ['bundleEndpoints']],
  [['standalone'], { servedSvids: everything.servedSvids }, ['servedSvids']],
  [['standalone'], everything, ['files', 'servedSvids', 'bundleEndpoints']],
  [
    ['cluster'],
    { ...everything, ...inNamespaces },
    ['certificateRequests', 'pods', 'nodeFindings', 'servedSvids', 'bundleEndpoints', 'trustBundles'],
  ],
  [['cluster', 'node'], inNamespaces, ['certificateRequests', 'pods', 'mountedSvids', 'servedSvids']],
  [
    ['cluster', 'node'],
    everything,
    [...ofApi, 'nodeFindings', 'mountedSvids', 'servedSvids', 'bundleEndpoints', ...ofTrust],
  ],
])('the roles %j with %j watch %j', (roles, settings, sources) => {
  expect(sourcesOf(roles, configOf(settings))).toEqual(sources)
})

it.each<[readonly string[], readonly string[]]>([
  [['spiffe.csi.cert-manager.io'], ['csi-driver-spiffe']],
  [
    ['spiffe.csi.cert-manager.io', 'csi.spiffe.io'],
    ['csi-driver-spiffe', 'spire-agent'],
  ],
  [['csi.example.org'], []],
])('of the drivers %j, the agents whose volumes hold SVIDs are %j', (drivers, agents) => {
  expect(svidAgentsOf(configOf({ drivers: drivers.map((name) => ({ name })) }))).toEqual(agents)
})

const agentIn = (namespace: string | undefined) => ({
  ...{ name: `of-${namespace ?? 'all'}`, driver: 'csi.example.org', podLabels: { namespace: namespace ?? 'all' } },
  ...(namespace !== undefined && { namespace }),
})
const agents = [agentIn('cert-manager'), agentIn('kube-system'), agentIn(undefined)]

it.each<[object, readonly string[]]>([
  [{ agents }, ['of-cert-manager', 'of-kube-system', 'of-all']],
  [{ agents, ...inNamespaces }, ['of-cert-manager']],
  [inNamespaces, []],
])('with %j, it is known of the agents %j whether they are up', (settings, names) => {
  expect(knownAgentsOf(configOf(settings)).map(({ name }) => name)).toEqual(names)
})
