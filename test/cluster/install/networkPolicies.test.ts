import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedPolicy } from '../../support/documentedPolicy.ts'
import { nodeAddress } from '../support/access.ts'
import { kubectl, until } from '../support/shell.ts'
import { Connections } from './support/connections.ts'
import { judgeConnections, type NetworkPolicy, type PolicyReport } from './support/networkPolicies.ts'
import { namespaceLabels, PodHistory } from './support/podHistory.ts'
import { fetchesForever, nameServer, runInPod, servesSvid } from './support/programs.ts'
import { image, Release } from './support/release.ts'
import { deleteNamespaces } from './support/workload.ts'

const monitoring = 'svidwatch-monitoring'
const dns = { namespace: 'kube-system', name: 'svidwatch-test-dns', labels: { 'k8s-app': 'kube-dns' } }

/** The policy for a namespace whose pods are probed, and which denies everything else. */
const letsProbesIn = documentedPolicy()
const { namespace: probed } = letsProbesIn.metadata

/** Rules that allow more than one workload or address, and why they have to. */
const wide = {
  'svidwatch/svidwatch ingress[1]': 'the kubelet probes from an address of its node, which no selector names',
  'svidwatch-node/svidwatch-node ingress[1]': 'the kubelet, as above',
  'svidwatch/svidwatch egress[2]': 'any pod may have an SVID, and its annotation may name any port',
  'svidwatch/svidwatch egress[3]': 'a server that is probed by name, and a policy knows only addresses',
  'svidwatch/svidwatch egress[4]': 'a bundle endpoint has a name, and a policy knows only addresses',
}

let release: Release
let connections: Connections
let history: PodHistory

/**
 * Values that use each kind of rule: a name server that answers, a bundle endpoint and a probed server with names, and a Prometheus
 * in a pod.
 */
const values = (apiServer: string, nameServerAddress: string) => ({
  networkPolicy: {
    enabled: true,
    metricsFrom: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': monitoring } },
        podSelector: { matchLabels: { app: 'prometheus' } },
      },
    ],
    apiServer: { cidrs: [`${apiServer}/32`] },
  },
  settings: {
    bundleEndpoints: [
      { trustDomain: 'partner.example', url: 'https://bundles.partner.example:8443/', profile: 'https_web' },
    ],
    servedSvids: { interval: '10s', targets: [{ address: 'payments.partner.example:9443' }] },
  },
  cluster: {
    extraVolumes: [{ name: 'dns', configMap: { name: 'svidwatch-dns' } }],
    extraVolumeMounts: [{ name: 'dns', mountPath: '/etc/resolv.conf', subPath: 'resolv.conf' }],
  },
  extraObjects: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'svidwatch-dns' },
      data: { 'resolv.conf': `nameserver ${nameServerAddress}\n` },
    },
    letsProbesIn,
  ],
})

/** Judges all connections from and to the pods of svidwatch, and of its test, until now. */
async function judged(): Promise<PolicyReport> {
  const policies = (await release.objects<NetworkPolicy & { apiVersion: string; kind: string }>()).filter(
    ({ kind }) => kind === 'NetworkPolicy',
  )
  const ours = history.pods.filter(({ namespace }) => namespace.startsWith('svidwatch') && namespace !== monitoring)
  const world = { policies, pods: history.pods, namespaces: await namespaceLabels() }
  return judgeConnections(world, connections.with(ours.flatMap(({ ips }) => ips)))
}

describe.skipIf(image === '')('the NetworkPolicies of a release', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces([monitoring, probed])
    for (const namespace of [monitoring, probed]) await kubectl('create', 'namespace', namespace)
    const address = await runInPod({ ...dns, script: nameServer })
    history = await PodHistory.start()
    connections = await Connections.start()
    const server = { namespace: probed, name: 'web', labels: { app: 'web' }, hasSvid: true }
    await runInPod({ ...server, ports: [{ name: 'https', containerPort: 8443 }], script: servesSvid(8443) })
    release = await Release.install(values(await nodeAddress(), address))
    const pods = [await release.pod('cluster'), ...(await release.pods('node'))]
    const script = fetchesForever(pods.map(({ ip }) => `http://${ip}:9797/metrics`))
    await runInPod({ namespace: monitoring, name: 'prometheus', labels: { app: 'prometheus' }, script })
    await release.test()
  })

  afterAll(async () => {
    await connections[Symbol.asyncDispose]()
    await history[Symbol.asyncDispose]()
    await kubectl('-n', dns.namespace, 'delete', 'pod', dns.name)
    await deleteNamespaces([monitoring, probed])
    await Release.remove()
  })

  it('allow every connection that was made, and have no rule that none needed', async () => {
    await until('a connection for each rule', 60, async () =>
      (await judged()).unused.length === 0 ? true : undefined,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: no connection needed ${(await judged()).unused.join(', ')}`)
    })
    const { verdicts } = await judged()
    console.log(
      verdicts
        .map(({ connection: { from, to, port, protocol }, egress, ingress }) =>
          [`${from} -> ${to}:${port}/${protocol}`, ...(egress ?? []), ...(ingress ?? [])].join('  '),
        )
        .join('\n'),
    )
    expect(verdicts.filter(({ allowed, fromOwnNode }) => !allowed || fromOwnNode)).toEqual([])
  })

  it('are as narrow as they can be', async () => {
    expect((await judged()).wide.toSorted()).toEqual(Object.keys(wide).toSorted())
  })
})
