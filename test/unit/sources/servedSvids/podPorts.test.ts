import { describe, expect, it } from 'vitest'
import { podProjection } from '../../../../src/sources/pods/projection.ts'
import { probedPodProjection } from '../../../../src/sources/servedSvids/probedPod.ts'

const driver = 'csi.example.org'
const portNames = ['https', 'grpcs']
const project = podProjection({ drivers: [driver], agents: [], agentSockets: [] })
const probedPod = probedPodProjection(portNames)

interface PodParts {
  readonly annotation?: unknown
  readonly ports?: readonly object[]
  readonly spec?: object
  readonly status?: object
}

function probed({ annotation, ports = [{ name: 'https', containerPort: 8443 }], spec, status }: PodParts) {
  const raw = {
    metadata: {
      ...{ name: 'web-1', namespace: 'team-a', uid: 'u-1' },
      ...(annotation !== undefined && { annotations: { 'svidwatch.io/probe': annotation } }),
    },
    spec: { containers: [{ name: 'web', ports }], volumes: [{ name: 'svid', csi: { driver } }], ...spec },
    status: { phase: 'Running', podIP: '10.1.2.3', hostIP: '10.0.0.5', ...status },
  }
  return probedPod(raw, project(raw))
}

const at = (...ports: readonly number[]) => ({ where: 'team-a/web-1', address: '10.1.2.3', hostNetwork: false, ports })
const refused = (reason: string, detail: string) => ({
  ...at(),
  address: '',
  problem: { reason, detail },
})
const inPod = (detail: string) => refused('malformed_probe_annotation', `svidwatch.io/probe: ${detail}`)
const neither = 'is neither a port nor the name of a TCP port of a container of the pod'
const many = (count: number) => Array.from({ length: count }, (_, index) => 8000 + index)

describe('the ports of a pod that are probed', () => {
  it.each<[string, PodParts, object | undefined]>([
    ['the container port with a name of the settings', {}, at(8443)],
    ['none without such a name', { ports: [{ name: 'http', containerPort: 80 }, { containerPort: 8443 }] }, undefined],
    ['no UDP port', { ports: [{ name: 'https', containerPort: 8443, protocol: 'UDP' }] }, undefined],
    [
      'those of sidecars, and not those of init containers',
      {
        spec: {
          initContainers: [
            { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'grpcs', containerPort: 9443 }] },
            { name: 'init', ports: [{ name: 'grpcs', containerPort: 7443 }] },
          ],
        },
      },
      at(8443, 9443),
    ],
    ['those of the annotation', { annotation: '9443' }, at(9443)],
    ['those of the annotation by name and number, once', { annotation: ' https , 9443,8443' }, at(8443, 9443)],
    ['none of a pod that says never', { annotation: 'never' }, undefined],
    ['none without an SVID', { spec: { volumes: [] } }, undefined],
    ['none of a pod that has ended', { status: { phase: 'Succeeded' } }, undefined],
    ['none before the pod has an address', { status: { podIP: undefined } }, undefined],
    ['those at an IPv6 address', { status: { podIP: 'fd00:10::7' } }, { ...at(8443), address: 'fd00:10::7' }],
    [
      'those in the network of the node, without an address',
      { spec: { hostNetwork: true }, status: { podIP: '10.0.0.5' } },
      { ...at(8443), address: '', hostNetwork: true },
    ],
  ])('are %s', (_, parts, expected) => {
    expect(probed(parts)).toEqual(expected)
  })

  it.each<[string, PodParts, object]>([
    ['a name that no container has', { annotation: 'grpc' }, inPod(`"grpc" ${neither}`)],
    ['an empty value', { annotation: '' }, inPod(`"" ${neither}`)],
    ['an address', { annotation: '10.9.9.9:443' }, inPod(`"10.9.9.9:443" ${neither}`)],
    ['a port that is too high', { annotation: '8443,65536' }, inPod(`"65536" ${neither}`)],
    ['port 0', { annotation: '0' }, inPod(`"0" ${neither}`)],
    ['a control character', { annotation: '8443\n\u001b[31m' }, inPod(`"8443??[31m" ${neither}`)],
    ['nine ports', { annotation: many(9).join() }, inPod('it names more than 8 ports')],
    ['a long text', { annotation: '8443,'.repeat(100) }, inPod('it is longer than 256 characters')],
    ['a list of ports', { annotation: ['8443'] }, refused('malformed_object', expect.any(String) as string)],
    [
      'a port that is a text',
      { ports: [{ name: 'https', containerPort: '8443' }] },
      refused('malformed_object', expect.any(String) as string),
    ],
  ])('are none with %s, which is refused', (_, parts, expected) => {
    expect(probed(parts)).toEqual(expected)
  })

  it('are the first eight with more names than that', () => {
    const ports = many(9).map((containerPort) => ({ name: 'https', containerPort }))
    expect(probed({ ports })).toEqual({
      ...at(...many(8)),
      problem: {
        reason: 'too_many_ports',
        detail: '9 of its ports have names of servedSvids.portNames, and 8 are probed',
      },
    })
  })

  it.each([
    ['127.0.0.1', 'no pod has such an address for itself'],
    ['0.0.0.0', 'no pod has such an address for itself'],
    ['169.254.169.254', 'no pod has such an address for itself'],
    ['224.0.0.1', 'no pod has such an address for itself'],
    ['255.255.255.255', 'no pod has such an address for itself'],
    ['::', 'no pod has such an address for itself'],
    ['::1', 'no pod has such an address for itself'],
    ['::ffff:169.254.169.254', 'no pod has such an address for itself'],
    ['::ffff:7f00:1', 'no pod has such an address for itself'],
    ['64:ff9b::a9fe:a9fe', 'no pod has such an address for itself'],
    ['fe80::1', 'no pod has such an address for itself'],
    ['fe80::1%eth0', 'it is not an IP address'],
    ['ff02::1', 'no pod has such an address for itself'],
    ['10.0.0.5', 'it is the address of the node'],
    ['fd00:ec2::254', 'it is that of a metadata server'],
    ['fd20:ce::254', 'it is that of a metadata server'],
    ['100.100.100.200', 'it is that of a metadata server'],
    ['168.63.129.16', 'it is that of a metadata server'],
    ['metadata.internal', 'it is not an IP address'],
    ['10.1.2.3:443', 'it is not an IP address'],
    ['0x7f.1', 'it is not an IP address'],
  ])('are none at the address %s', (podIP, why) => {
    expect(probed({ status: { podIP } })).toEqual(refused('invalid_pod_address', `status.podIP is ${podIP}: ${why}`))
  })

  it.each([
    ['fd00::5', ['10.0.0.5', 'fd00::5']],
    ['fd00::5', ['10.0.0.5', 'FD00:0:0::0005']],
    ['fd00:0::5', ['fd00::5']],
    ['10.0.0.6', ['fd00::5', '10.0.0.6']],
  ])('are none at the address %s of a node with %s', (podIP, ips) => {
    const status = { podIP, hostIPs: ips.map((ip) => ({ ip })) }
    const detail = `status.podIP is ${podIP}: it is the address of the node`
    expect(probed({ status })).toEqual(refused('invalid_pod_address', detail))
  })

  it('are probed on a node whose addresses are no addresses', () => {
    const status = { hostIP: 'node-1', hostIPs: [{ ip: 'fe80::1%eth0' }, {}] }
    expect(probed({ status })).toEqual(at(8443))
  })
})
