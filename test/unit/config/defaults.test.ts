import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/config/valid')
const read = (name: string) => readFileSync(join(fixtures, name), 'utf8')

describe('the defaults', () => {
  const defaults = {
    roles: [],
    drivers: [{ name: 'spiffe.csi.cert-manager.io', renewal: { leftShare: 1 / 3 } }],
    kubernetes: {
      pageSize: 500,
      sources: {
        certificateRequests: true,
        namespaces: true,
        nodes: true,
        csiNodes: true,
        trustManagerBundles: true,
        trustManagerClusterBundles: true,
      },
    },
    agents: [
      {
        name: 'csi-driver-spiffe',
        driver: 'spiffe.csi.cert-manager.io',
        podLabels: { app: 'cert-manager-csi-driver-spiffe' },
      },
      {
        name: 'spire-agent',
        driver: 'csi.spiffe.io',
        podLabels: { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'spire' },
      },
    ],
    coverage: {
      namespaceLabel: 'svidwatch.io/svids',
      agentSockets: [
        '/run/spire/agent-sockets/spire-agent.sock',
        '/run/spire/sockets/agent.sock',
        '/tmp/spire-agent/public/api.sock',
      ],
    },
    nodeFindings: {},
    mountedSvids: { kubeletRoot: '/var/lib/kubelet', certificateFile: 'tls.crt', bundleFile: 'ca.crt' },
    files: [],
    servedSvids: {
      pods: true,
      portNames: ['https', 'tls', 'mtls', 'grpcs'],
      targets: [],
      intervalMs: 60_000,
      timeoutMs: 5_000,
      reloadWithin: { lifetimeShare: 0.1 },
    },
    bundleEndpoints: [],
    trustBundles: { names: [], clusterTrustBundles: false },
    limits: { series: 200_000, issuers: 256 },
    checkpoint: { intervalMs: 5_000 },
    server: { port: 9797, probePort: 9798 },
    readiness: { deadlineMs: 30_000 },
    log: { level: 'info', issuedLevel: 'info', issuedPerSecond: 10 },
    tracing: {},
  }

  it.each([
    ['no file', undefined],
    ['an empty file', ''],
    ['a file of comments', read('only-comments.yaml')],
  ])('hold with %s', (_, text) => {
    expect(resolveConfig(text, 'svidwatch.yaml')).toEqual({ config: defaults })
  })

  it('hold for what a file leaves out', () => {
    expect(resolveConfig(read('node.yaml'), 'node.yaml')).toEqual({
      config: {
        ...defaults,
        roles: ['node'],
        drivers: [
          { name: 'spiffe.csi.cert-manager.io', renewal: { leftShare: 1 / 3 } },
          { name: 'csi.example.org', renewal: { leftShare: 1 / 3 } },
          { name: 'vault.example.org', renewal: { leftShare: 0.1 } },
          { name: 'csi.cert-manager.io', renewal: { beforeMs: 20 * 60_000 } },
          { name: 'spire.example.org', renewal: { leftShare: 0.45 } },
        ],
        mountedSvids: { ...defaults.mountedSvids, kubeletRoot: '/data/kubelet' },
        checkpoint: { configMap: { namespace: 'monitoring', name: 'svidwatch.state' }, intervalMs: 1_500 },
        server: { address: '::', port: 0, probePort: 0 },
        readiness: { deadlineMs: 120_000 },
      },
    })
  })

  it('hold for files whose renewal is not told', () => {
    expect(resolveConfig(read('standalone.yaml'), 'standalone.yaml')).toEqual({
      config: {
        ...defaults,
        roles: ['standalone'],
        files: [
          {
            certificate: '/run/spiffe/svid.pem',
            bundle: '/run/spiffe/bundle.pem',
            renewal: { leftShare: 0.45 },
          },
          { certificate: '/etc/yearly/svid.pem', renewal: { beforeMs: 30 * 86_400_000 } },
          { certificate: '/run/other/svid.pem', renewal: { leftShare: 1 / 3 } },
        ],
        servedSvids: {
          pods: false,
          portNames: ['internal-tls'],
          targets: [
            { address: { text: '192.0.2.7:443', host: '192.0.2.7', port: 443 } },
            {
              address: { text: '[2001:db8::1]:8443', host: '2001:db8::1', port: 8443 },
              serverName: 'web.example',
              alpn: ['h2', 'http/1.1'],
              clientCertificate: '/etc/svidwatch/client.pem',
              clientKey: '/etc/svidwatch/client-key.pem',
            },
          ],
          intervalMs: 30_000,
          timeoutMs: 1_000,
          reloadWithin: { ms: 300_000 },
        },
      },
    })
  })

  it('give way to what a file gives', () => {
    expect(resolveConfig(read('cluster.yaml'), 'cluster.yaml')).toEqual({
      config: {
        ...defaults,
        roles: ['cluster'],
        kubernetes: { ...defaults.kubernetes, namespaces: ['team-a', 'csi-edge'] },
        agents: [
          {
            name: 'csi',
            driver: 'csi.example.org',
            podLabels: { 'app.kubernetes.io/name': 'csi' },
            namespace: 'csi-edge',
          },
          { name: 'csi-elsewhere', driver: 'csi.example.org', podLabels: { 'app.kubernetes.io/name': 'csi' } },
        ],
        coverage: { namespaceLabel: 'example.org/svids', agentSockets: ['/run/agent.sock'] },
        nodeFindings: {
          service: { namespace: 'svidwatch', name: 'svidwatch-node' },
          signingKey: '/etc/svidwatch/key.pem',
        },
        bundleEndpoints: [
          {
            trustDomain: 'web.example',
            url: 'https://web.example/bundle',
            profile: 'https_web',
            certificateAuthorities: '/etc/svidwatch/company-ca.pem',
            redirectHosts: ['cdn.example', '[2001:db8::1]:8443'],
          },
          {
            trustDomain: 'spiffe.example',
            url: 'https://192.0.2.1:8443',
            profile: 'https_spiffe',
            endpointSpiffeId: 'spiffe://spiffe.example/spire/server',
            bootstrapBundle: '/etc/svidwatch/bundle.json',
          },
        ],
        checkpoint: { file: '/var/lib/svidwatch/state.json', intervalMs: 5_000 },
      },
    })
  })
})
