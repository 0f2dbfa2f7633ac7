import { describe, expect, it } from 'vitest'
import { judgeConnections, type NetworkPolicy, type PolicyPod } from '../cluster/install/support/networkPolicies.ts'
import { documentedPolicy } from '../support/documentedPolicy.ts'
import { at, find, render, type Values } from './support/render.ts'

const [clusterRole, stranger, server] = ['10.0.0.2', '10.0.0.3', '10.0.0.4']
/** Addresses that are not those of pods: of a node, and of the metadata service of a cloud. */
const [node, metadata] = ['192.0.2.1', '169.254.169.254']

interface Attempt {
  /** The values of `networkPolicy`. */
  readonly policies?: Values
  readonly from?: string
  readonly to: string
  readonly ports: readonly number[]
  /** The labels of the server. */
  readonly labels?: Readonly<Record<string, string>>
}

/** Returns the ports that can be reached, where the namespace of the server has the policy in docs/hardening.md. */
async function reached(attempt: Attempt): Promise<readonly number[]> {
  const { policies, from = clusterRole, to, ports, labels = {} } = attempt
  const documented = documentedPolicy()
  const objects = await render({ networkPolicy: { enabled: true, ...policies } })
  const ofClusterRole = at(find(objects, 'Deployment svidwatch/svidwatch'), 'spec template metadata labels')
  const pod = (namespace: string, ip: string, labels: PolicyPod['labels']): PolicyPod => ({
    namespace,
    name: ip,
    labels,
    ips: [ip],
    nodeIps: [node],
    ports: [],
  })
  const world = {
    policies: [...objects.filter(({ kind }) => kind === 'NetworkPolicy'), documented] as unknown as NetworkPolicy[],
    pods: [
      pod('svidwatch', clusterRole, ofClusterRole as PolicyPod['labels']),
      pod('svidwatch', stranger, {}),
      pod(documented.metadata.namespace, server, labels),
    ],
    namespaces: new Map(
      ['svidwatch', documented.metadata.namespace].map((name) => [name, { 'kubernetes.io/metadata.name': name }]),
    ),
  }
  const connections = ports.map((port) => ({ from, to, port, protocol: 'TCP' as const }))
  return judgeConnections(world, connections).verdicts.flatMap(({ allowed, connection: { port } }) =>
    allowed ? [port] : [],
  )
}

describe('a server in a namespace that lets nothing in except probes', () => {
  it('is reached by the cluster role, at the port of the policy in docs/hardening.md', async () => {
    expect(await reached({ to: server, ports: [80, 8443] })).toEqual([8443])
  })

  it('is not reached by another pod in the namespace of svidwatch', async () => {
    expect(await reached({ from: stranger, to: server, ports: [8443] })).toEqual([])
  })
})

describe('the cluster role', () => {
  const labels = { 'example.com/serves-svid': 'true' }
  const to = [{ namespaceSelector: {}, podSelector: { matchLabels: labels } }]

  it('reaches only the pods that the values name', async () => {
    const policies = { servedSvids: { to } }
    expect(await reached({ policies, to: server, ports: [8443], labels })).toEqual([8443])
    expect(await reached({ policies, to: server, ports: [8443] })).toEqual([])
  })

  it('reaches only the ports that the values name', async () => {
    const to = server
    expect(await reached({ policies: { servedSvids: { ports: [{ port: 8443 }] } }, to, ports: [8443] })).toEqual([8443])
    expect(await reached({ policies: { servedSvids: { ports: [{ port: 9443 }] } }, to, ports: [8443] })).toEqual([])
  })

  it.each([node, metadata])(
    'reaches no port of %s, which is no pod, except those of an API server',
    async (address) => {
      const ports = [80, 443, 6443, 8443, 10_250]
      expect(await reached({ to: address, ports })).toEqual([443, 6443])
      expect(await reached({ policies: { apiServer: { cidrs: ['10.96.0.1/32'] } }, to: address, ports })).toEqual([])
    },
  )
})
