import { describe, expect, it } from 'vitest'
import { endpointsByNode, projectSlice } from '../../../../src/sources/nodeFindings/endpointSlice.ts'
import { slice, type SliceEndpoint } from '../../../support/nodeFindingsWorld.ts'

const metadata = { uid: 'slice-1', namespace: 'svidwatch', name: 'svidwatch-node-x7k2p' }
const project = (fields: object) => projectSlice({ metadata, ports: [{ port: 9797 }], endpoints: [{}], ...fields })
const on = (nodeName: string, address: string) => ({ nodeName, addresses: [address], conditions: {} })

describe('the endpoints of a slice', () => {
  it('are at the first of their addresses, IPv4 or IPv6', () => {
    const endpoints = [{ nodeName: 'a', addresses: ['10.0.0.1', '10.0.0.2'] }, on('b', 'fd00::1')]
    expect(project({ endpoints })).toEqual({
      uid: 'slice-1',
      rejections: [],
      endpoints: [
        { node: 'a', address: '10.0.0.1', port: 9797, rank: 0 },
        { node: 'b', address: 'fd00::1', port: 9797, rank: 0 },
      ],
    })
  })

  it.each([
    ['the only one', [{ name: 'http', port: 1 }], 1],
    ['the only one, without a name', [{ port: 2 }], 2],
    [
      'the one that is named metrics',
      [
        { name: 'probes', port: 1 },
        { name: 'metrics', port: 3 },
      ],
      3,
    ],
  ])('are at the port of the slice: %s', (_, ports, port) => {
    expect(project({ ports, endpoints: [on('a', '10.0.0.1')] }).endpoints[0]?.port).toBe(port)
  })

  it.each([
    ['there is none', null],
    ['none of several is named metrics', [{ port: 1 }, { port: 2 }]],
    ['it has no number', [{ name: 'metrics' }]],
    ['it is none', [{ name: 'metrics', port: 65_536 }]],
  ])('are of no use where their port is not known: %s', (_, ports) => {
    expect(() => project({ ports })).toThrow('ports must have one named metrics, or only one port')
  })

  it.each([null, []])('may be none, and then there is no port either', (endpoints) => {
    expect(project({ ports: null, endpoints })).toMatchObject({ endpoints: [], rejections: [] })
  })

  it.each([
    ['has no node', { addresses: ['10.0.0.1'] }, 'the endpoint has no nodeName, so its node is unknown'],
    ['has no address', { nodeName: 'a' }, 'the address "" is not an IP address'],
    [
      'is on a node that is named like markup',
      on('<!channel>', '10.0.0.1'),
      'endpoints[0].nodeName must be the name of a Kubernetes object',
    ],
    [
      'has a name for an address',
      on('a', 'metadata.example.org'),
      'the address "metadata.example.org" is not an IP address',
    ],
    [
      'has addresses that are no list',
      { nodeName: 'a', addresses: '10.0.0.1' },
      'endpoints[0].addresses must be a list',
    ],
    [
      'has an address that is no text',
      { nodeName: 'a', addresses: [1] },
      'endpoints[0].addresses[0] must be a string of at most 253 characters',
    ],
    ['has a node that is no text', { nodeName: 1, addresses: ['10.0.0.1'] }, 'endpoints[0].nodeName must be a string'],
  ])('are followed without the one that %s', (_, bad, detail) => {
    expect(project({ endpoints: [bad, on('b', '10.0.0.2')] })).toMatchObject({
      endpoints: [{ node: 'b' }],
      rejections: [{ where: 'EndpointSlice svidwatch/svidwatch-node-x7k2p endpoint 1', detail }],
    })
  })
})

describe('of several endpoints of a node', () => {
  const ready = { ready: true, serving: true, terminating: false }
  const published = { ready: true, serving: false, terminating: false }
  const unready = { ready: false, serving: false, terminating: false }
  const leaving = { ready: true, serving: true, terminating: true }
  const chosen = (...endpoints: readonly SliceEndpoint[]) =>
    endpointsByNode([projectSlice({ ...slice('all', 9797, ...endpoints), metadata })]).get('n')?.address

  it.each<[string, Readonly<Record<string, boolean>>, Readonly<Record<string, boolean>>, string]>([
    ['that is ready', unready, ready, '10.0.0.2'],
    ['that is ready, and not just published', published, ready, '10.0.0.2'],
    ['that says nothing to the contrary', unready, {}, '10.0.0.2'],
    ['that stays', leaving, unready, '10.0.0.2'],
    ['that comes first, of two that are ready', ready, ready, '10.0.0.1'],
    ['that comes first, of two that are not', unready, unready, '10.0.0.1'],
  ])('the one is followed %s, in whatever order they come', (_, first, second, expected) => {
    const one = { node: 'n', address: '10.0.0.1', conditions: first }
    const other = { node: 'n', address: '10.0.0.2', conditions: second }
    expect(chosen(one, other)).toBe(expected)
    expect(chosen(other, one)).toBe(expected)
  })
})
