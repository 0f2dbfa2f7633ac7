import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/config')
const read = (name: string) => readFileSync(join(fixtures, name), 'utf8')

const namespaces = 'must be a list of 1 to 100 different names of namespaces'
const renewBefore =
  'must be csi-driver-spiffe or spire, a duration from 1s to 365d such as 20m or 30d, or a share of the lifetime from 1% to 99% such as 33%'

/** Each file in fixtures/config/invalid breaks one rule: what is said of it, after the file's name. */
const invalid: Readonly<Record<string, readonly string[]>> = {
  'address-is-a-name': ['2: server.address: must be an IP address (got "localhost")'],
  'agent-incomplete': [
    '2: agents[0].driver: must be the name of a CSI driver (got nothing)',
    '2: agents[0].podLabels: must be a mapping of one or more Kubernetes labels (got nothing)',
  ],
  'agent-label-name': [
    '4: agents[0].podLabels: must be a mapping of one or more Kubernetes labels (got {"-app":"csi"})',
  ],
  'agent-label-value': ['4: agents[0].podLabels.app: must be the value of a Kubernetes label (got "a b")'],
  'agent-hidden': [
    '3: agents[1]: matches only pods that agents[0] matches too, and a pod belongs to the first agent that it matches (got {"name":"b","driver":"b.example.org","podLabels":{"app":"csi","tier":"edge"}})',
    '4: agents[2]: matches only pods that agents[0] matches too, and a pod belongs to the first agent that it matches (got {"name":"c","driver":"c.example.org","podLabels":{"app":"csi"},"namespace":"edg…)',
  ],
  'agent-name': ['2: agents[0].name: must be a name of lower-case letters, digits and - (got "CSI_Driver")'],
  'agent-namespace': ['5: agents[0].namespace: must be the name of a namespace (got "cert-manager/csi")'],
  'agent-twice': [
    '1: agents: must name each agent only once (got [{"name":"csi","driver":"a.example.org","podLabels":{"app":"a"}},{"name":"csi",…)',
  ],
  'agent-without-labels': ['4: agents[0].podLabels: must be a mapping of one or more Kubernetes labels (got {})'],
  'agents-no-list': ['1: agents: must be a list of agents (got {"name":"csi-driver-spiffe"})'],
  'broken-yaml': ['3: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  'checkpoint-in-two-places': [
    '1: checkpoint: must have configMap or file, not both (got {"configMap":"svidwatch/svidwatch-state","file":"/var/lib/svidwatch/state.json"})',
  ],
  'checkpoint-in-a-key': [
    '2: checkpoint.file: must be a path to a file that is not named like a private key (tls.key, svid_key.pem) (got "/etc/tls.key")',
  ],
  'config-map-without-namespace': ['2: checkpoint.configMap: must be namespace/name (got "svidwatch-state")'],
  'coverage-empty-socket': ['2: coverage.agentSockets[1]: must be a path (got "")'],
  'coverage-label': ['2: coverage.namespaceLabel: must be the name of a Kubernetes label (got "example.com/")'],
  'coverage-sockets': ['2: coverage.agentSockets: must be a list of paths (got "/run/agent.sock")'],
  'driver-is-a-text': ['1: drivers[0]: must be a mapping of settings (got "csi.example.org")'],
  'driver-name': ['3: drivers[1].name: must be the name of a CSI driver (got "Not A Driver")'],
  'driver-twice': [
    '1: drivers: must name each driver only once (got [{"name":"csi.example.org"},{"name":"csi.example.org","renewBefore":"20m"}])',
  ],
  'driver-without-name': ['2: drivers[0].name: must be the name of a CSI driver (got nothing)'],
  'drivers-no-list': ['1: drivers: must be a list of one or more drivers (got {"name":"csi.example.org"})'],
  'duplicate-key': ['3: this key is a duplicate of an earlier one'],
  'duration-too-long': [
    '2: readiness.deadline: must be a duration from 1s to 10m, such as 1500ms, 5s or 2m (got "1h")',
  ],
  'duration-without-unit': [
    '2: checkpoint.interval: must be a duration from 1s to 10m, such as 1500ms, 5s or 2m (got 5)',
  ],
  'empty-context': ['2: kubernetes.context: must be the name of a context (got " ")'],
  'empty-path': ['2: kubernetes.kubeconfig: must be a path (got "")'],
  'empty-section': ['1: server: must be a mapping of settings (got nothing)'],
  'endpoint-authorities-of-a-key': [
    '5: bundleEndpoints[0].certificateAuthorities: must be a path to a file that is not named like a private key (tls.key, svid_key.pem) (got "/etc/tls.key")',
  ],
  'endpoint-incomplete': [
    '2: bundleEndpoints[0].url: must be an https URL without user information (got nothing)',
    '2: bundleEndpoints[0].profile: must be one of https_web, https_spiffe (got nothing)',
  ],
  'endpoint-profile': ['4: bundleEndpoints[0].profile: must be one of https_web, https_spiffe (got "https")'],
  'endpoint-spiffe-id-of-no-workload': [
    '5: bundleEndpoints[0].endpointSpiffeId: must be the SPIFFE ID of a workload, such as spiffe://example.org/web (got "spiffe://partner.example")',
  ],
  'endpoint-spiffe-with-authorities': [
    '6: bundleEndpoints[0].certificateAuthorities: is allowed for https_web only (got "/etc/ca.pem")',
  ],
  'endpoint-spiffe-without-id': ['2: bundleEndpoints[0].endpointSpiffeId: is required for https_spiffe (got nothing)'],
  'endpoint-trust-domain': [
    '2: bundleEndpoints[0].trustDomain: must be the name of a trust domain (got "Partner.example/ns")',
  ],
  'endpoint-twice': [
    '1: bundleEndpoints: must name each trust domain only once (got [{"trustDomain":"a.example","url":"https://a.example","profile":"https_web"},{"…)',
  ],
  'endpoint-redirect-host': [
    '6: bundleEndpoints[0].redirectHosts[0]: must be a host such as cdn.example, with its port unless that is 443 (got "https://cdn.example/")',
  ],
  'endpoint-url-of-http': [
    '3: bundleEndpoints[0].url: must be an https URL without user information (got "http://partner.example")',
  ],
  'endpoint-url-with-password': [
    '3: bundleEndpoints[0].url: must be an https URL without user information (got "https://…@partner.example")',
  ],
  'endpoint-url-with-odd-password': [
    '3: bundleEndpoints[0].url: must be an https URL without user information (got "https://…@partner.example")',
  ],
  'endpoint-web-with-bootstrap': [
    '5: bundleEndpoints[0].bootstrapBundle: is allowed for https_spiffe only (got "/etc/partner.json")',
  ],
  'endpoint-web-with-id': [
    '5: bundleEndpoints[0].endpointSpiffeId: is allowed for https_spiffe only (got "spiffe://partner.example/server")',
  ],
  'endpoints-no-list': [
    '1: bundleEndpoints: must be a list of bundle endpoints (got {"partner.example":"https://partner.example"})',
  ],
  'file-is-a-key': [
    '3: files[0].bundle: must be a path to a file that is not named like a private key (tls.key, svid_key.pem) (got "/run/spiffe/svid.KEY")',
  ],
  'file-is-a-pem-key': [
    '2: files[0].certificate: must be a path to a file that is not named like a private key (tls.key, svid_key.pem) (got "/run/spiffe/svid_key.pem")',
  ],
  'file-name-of-a-key': [
    '2: mountedSvids.certificateFile: must be the name, without a folder, of a file that is not named like a private key (tls.key, svid_key.pem) (got "tls.key")',
  ],
  'file-name-with-folder': [
    '2: mountedSvids.certificateFile: must be the name, without a folder, of a file that is not named like a private key (tls.key, svid_key.pem) (got "../tls.crt")',
  ],
  'file-twice': [
    '1: files: must name each certificate only once (got [{"certificate":"/run/a.pem"},{"certificate":"/run/a.pem"}])',
  ],
  'file-without-certificate': [
    '2: files[0].certificate: must be a path to a file that is not named like a private key (tls.key, svid_key.pem) (got nothing)',
  ],
  'files-no-list': ['1: files: must be a list of files (got "/run/spiffe/svid.pem")'],
  'findings-key-without-service': [
    '1: nodeFindings: must have both service and signingKey or signingSecret, or neither (got {"signingKey":"/etc/svidwatch/key.pem"})',
  ],
  'findings-node-name': ['2: nodeFindings.nodeName: must be the name of a node (got "Node_1")'],
  'findings-public-keys-of-a-file': [
    '1: nodeFindings: must have publicKeysConfigMap only with signingSecret (got {"service":"a/b","signingKey":"/key.pem","publicKeysConfigMap":"a/c"})',
  ],
  'findings-secret-without-namespace': [
    '3: nodeFindings.signingSecret: must be namespace/name (got "svidwatch-signing-key")',
  ],
  'findings-secret-without-service': [
    '1: nodeFindings: must have both service and signingKey or signingSecret, or neither (got {"signingSecret":"svidwatch/svidwatch-signing-key"})',
  ],
  'findings-service': ['2: nodeFindings.service: must be namespace/name (got "svidwatch-node")'],
  'findings-service-without-key': [
    '1: nodeFindings: must have both service and signingKey or signingSecret, or neither (got {"service":"svidwatch/svidwatch-node"})',
  ],
  'findings-two-keys': [
    '1: nodeFindings: must have signingKey or signingSecret, not both (got {"service":"svidwatch/svidwatch-node","signingKey":"/etc/key.pem","signingSecre…)',
  ],
  'integer-as-text': ['2: limits.series: must be a positive integer (got "many")'],
  'integer-with-fraction': ['2: limits.issuers: must be a positive integer (got 1.5)'],
  'integer-zero': ['2: limits.issuers: must be a positive integer (got 0)'],
  'list-at-the-root': ['1: must be a mapping of settings (got ["roles"])'],
  'log-level': ['2: log.level: must be one of debug, info, warn, error (got "trace")'],
  'long-value': [
    '2: log.format: must be one of json, pretty (got "pretty-pretty-pretty-pretty-pretty-pretty-pretty-pretty-pretty-pretty-pretty-p…)',
  ],
  'many-problems': [
    '1: roles[0]: must be one of cluster, node, standalone (got "nodes")',
    '3: limits.series: must be a positive integer (got "many")',
    '4: limits.isuers: unknown key; did you mean issuers?',
    '6: server.port: must be a port from 0 to 65535, where 0 picks a free port (got -1)',
  ],
  'namespaces-no-list': [`2: kubernetes.namespaces: ${namespaces} (got "team-a")`],
  'namespaces-none': [`2: kubernetes.namespaces: ${namespaces} (got [])`],
  'namespaces-pattern': ['2: kubernetes.namespaces[1]: must be the name of a namespace (got "*")'],
  'namespaces-twice': [`2: kubernetes.namespaces: ${namespaces} (got ["team-a","team-b","team-a"])`],
  'no-driver': ['1: drivers: must be a list of one or more drivers (got [])'],
  'page-too-large': ['2: kubernetes.pageSize: must be an integer from 1 to 10000 (got 10001)'],
  'port-out-of-range': ['2: server.port: must be a port from 0 to 65535, where 0 picks a free port (got 65536)'],
  'ports-the-same': [
    '1: server: must have different values for port and probePort (got {"port":9798,"probePort":9798})',
  ],
  'proto-key': [
    '1: __proto__: unknown key; known keys are roles, drivers, kubernetes, agents, coverage, nodeFindings, mountedSvids, files, servedSvids, bundleEndpoints, trustBundles, limits, checkpoint, server, readiness, log, tracing',
  ],
  'renew-before-fraction': [`3: drivers[0].renewBefore: ${renewBefore} (got 0.33)`],
  'renew-before-no-unit': [`3: drivers[0].renewBefore: ${renewBefore} (got 20)`],
  'renew-before-of-file': [`3: files[0].renewBefore: ${renewBefore} (got "spiffe-helper")`],
  'renew-before-share-of-all': [`3: drivers[0].renewBefore: ${renewBefore} (got "100%")`],
  'renew-before-share-of-none': [`3: drivers[0].renewBefore: ${renewBefore} (got "0%")`],
  'renew-before-share-with-fraction': [`3: drivers[0].renewBefore: ${renewBefore} (got "33.3%")`],
  'renew-before-too-long': [`3: drivers[0].renewBefore: ${renewBefore} (got "366d")`],
  'renew-before-word': [`3: drivers[0].renewBefore: ${renewBefore} (got "cert-manager")`],
  'renew-before-zero': [`3: drivers[0].renewBefore: ${renewBefore} (got "0s")`],
  'role-standalone-with-another': [
    '1: roles: must be a list of cluster, node or both, or of only standalone (got ["standalone","node"])',
  ],
  'role-twice': ['1: roles: must be a list of cluster, node or both, or of only standalone (got ["node","node"])'],
  'role-unknown': ['1: roles[1]: must be one of cluster, node, standalone (got "nodes")'],
  'second-document': ['3: a second document begins here; only one is allowed'],
  'unknown-key': ['3: mountedSvid: unknown key; did you mean mountedSvids?'],
  'source-unknown': [
    '3: kubernetes.sources.pods: unknown key; known keys are certificateRequests, namespaces, nodes, csiNodes, trustManagerBundles, trustManagerClusterBundles',
  ],
  'source-word': ['3: kubernetes.sources.certificateRequests: must be true or false (got "off")'],
  'unknown-key-far-from-all': [
    '2: log.colour: unknown key; known keys are level, format, issuedLevel, issuedPerSecond',
  ],
  'trust-bundle-name': ['4: trustBundles.names[1]: must be the name of a ConfigMap (got "CA_Bundle")'],
  'trust-bundle-names-of-many': [
    '2: trustBundles.names: must be a list of up to 10 different names of ConfigMaps (got ["a","b","c","d","e","f","g","h","i","j","k"])',
  ],
  'trust-bundle-twice': [
    '2: trustBundles.names: must be a list of up to 10 different names of ConfigMaps (got ["ca-bundle","ca-bundle"])',
  ],
  'unknown-key-with-control-characters': [
    '1: "ro\\u001b[31mles": unknown key; known keys are roles, drivers, kubernetes, agents, coverage, nodeFindings, mountedSvids, files, servedSvids, bundleEndpoints, trustBundles, limits, checkpoint, server, readiness, log, tracing',
  ],
  'tracing-endpoint': [
    '2: tracing.endpoint: must be an http or https URL without user information, query and fragment (got "collector:4318")',
  ],
  'tracing-endpoint-with-password': [
    '2: tracing.endpoint: must be an http or https URL without user information, query and fragment (got "https://…@collector:4318")',
  ],
  'tracing-ratio': ['2: tracing.sampleRatio: must be a number from 0 to 1 (got 10)'],
  'unknown-tag': ['2: Unresolved tag: !vault'],
  'target-without-port': [
    '3: servedSvids.targets[0].address: must be a host and a port, such as web.example:8443 or [2001:db8::1]:8443 (got "web.example")',
  ],
  'target-with-scheme': [
    '3: servedSvids.targets[0].address: must be a host and a port, such as web.example:8443 or [2001:db8::1]:8443 (got "https://web.example:443")',
  ],
  'target-without-brackets': [
    '3: servedSvids.targets[0].address: must be a host and a port, such as web.example:8443 or [2001:db8::1]:8443 (got "2001:db8::1:8443")',
  ],
  'target-twice': [
    '2: servedSvids.targets: must name each address only once (got [{"address":"web.example:443"},{"address":"web.example:443"}])',
  ],
  'target-without-key': [
    '3: servedSvids.targets[0]: must have both clientCertificate and clientKey, or neither (got {"address":"web.example:443","clientCertificate":"/etc/svidwatch/client.pem"})',
  ],
  'target-server-name': ['4: servedSvids.targets[0].serverName: must be a name in DNS (got "192.0.2.7")'],
  'target-protocols': [
    '4: servedSvids.targets[0].alpn: must be a list of one or more application protocols, such as h2 (got [])',
  ],
  'targets-no-list': ['2: servedSvids.targets: must be a list of targets (got {"address":"web.example:443"})'],
  'served-port-names': ['2: servedSvids.portNames[0]: must be the name of a port (got 8443)'],
  'served-reload': [
    '2: servedSvids.reloadWithin: must be a duration from 1s to 30d such as 5m, or a share of the lifetime from 1% to 99% such as 10% (got "0%")',
  ],
  'served-interval': [
    '2: servedSvids.interval: must be a duration from 10s to 1h, such as 1500ms, 5s or 2m (got "1s")',
  ],
}

describe('a configuration that breaks a rule', () => {
  it.each(Object.entries(invalid))('is refused: %s', (name, problems) => {
    expect(resolveConfig(read(`invalid/${name}.yaml`), `${name}.yaml`)).toEqual({
      problems: problems.map((problem) => `${name}.yaml:${problem}`),
    })
  })

  it('has an expectation for each fixture', () => {
    const names = readdirSync(join(fixtures, 'invalid')).map((file) => file.replace(/\.yaml$/, ''))
    expect(names.sort()).toEqual(Object.keys(invalid).sort())
  })

  it('is refused unread when it is larger than 1 MiB', () => {
    expect(resolveConfig('#'.repeat(1_048_577), 'big.yaml')).toEqual({
      problems: ['big.yaml: must not be larger than 1 MiB'],
    })
    expect(resolveConfig('#'.repeat(1_048_576), 'big.yaml')).toHaveProperty('config')
  })

  it('is refused with few lines when its brackets never end', () => {
    const result = resolveConfig('['.repeat(20_000), 'deep.yaml')
    expect('problems' in result && result.problems.length).toBe(20)
  })

  it('is refused in words that do nothing to a terminal', () => {
    for (const odd of ['\u202e', '\u0085', '\u2028']) {
      const result = resolveConfig(`${odd}roles: [*${odd}]`, 'odd.yaml')
      expect(result).toHaveProperty('problems')
      expect(JSON.stringify(result)).not.toContain(odd)
    }
  })

  it('is refused with few and short lines however many keys are unknown, and however long they are', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `${'key'.repeat(300)}${index}: 1`)
    const result = resolveConfig(keys.join('\n'), 'keys.yaml')
    const problems = 'problems' in result ? result.problems : []
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)).toBe('and 900 more')
    expect(Math.max(...problems.map(({ length }) => length))).toBeLessThanOrEqual(500)
  })

  it('is refused when its aliases multiply', () => {
    const lines = ['a: &a [x]']
    for (const [last, next] of ['ab', 'bc', 'cd', 'de'].map((pair) => pair.split('')))
      lines.push(`${next}: &${next} [${Array(9).fill(`*${last}`).join(', ')}]`)
    expect(resolveConfig(lines.join('\n'), 'bomb.yaml')).toEqual({
      problems: ['bomb.yaml: cannot be read as YAML: Excessive alias count indicates a resource exhaustion attack'],
    })
  })
})
