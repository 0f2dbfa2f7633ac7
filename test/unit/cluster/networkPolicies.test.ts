import { describe, expect, it } from 'vitest'
import {
  judgeConnections,
  type Connection,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyPod,
  type PolicyRule,
  type PolicyPort,
} from '../../cluster/install/support/networkPolicies.ts'

const nodeIp = '192.0.2.1'
const apiServer = '198.51.100.7'

const pod = (namespace: string, app: string, ip: string): PolicyPod => ({
  namespace,
  name: `${app}-0`,
  labels: { app },
  ips: [ip],
  nodeIps: [nodeIp],
  ports: [
    { name: 'metrics', containerPort: 9797 },
    { name: 'probes', containerPort: 9798 },
  ],
})
const watch = pod('svidwatch', 'svidwatch', '10.0.0.2')
const prometheus = pod('monitoring', 'prometheus', '10.0.0.3')
const web = pod('team-a', 'web', '10.0.0.4')
const ipOf = ({ ips }: PolicyPod) => ips[0] ?? ''

const policy = (spec: NetworkPolicy['spec'], namespace = 'svidwatch'): NetworkPolicy => ({
  metadata: { name: 'p', namespace },
  spec,
})
const monitoring = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } }
const fromPrometheus: PolicyPeer = {
  namespaceSelector: monitoring,
  podSelector: { matchLabels: { app: 'prometheus' } },
}

const scrape: Connection = { from: ipOf(prometheus), to: ipOf(watch), port: 9797, protocol: 'TCP' }
const ask: Connection = { from: ipOf(watch), to: apiServer, port: 6443, protocol: 'TCP' }

const judge = (policies: readonly NetworkPolicy[], ...connections: readonly Connection[]) =>
  judgeConnections(
    {
      policies,
      pods: [watch, prometheus, web],
      namespaces: new Map(
        ['svidwatch', 'monitoring', 'team-a'].map((name) => [name, { 'kubernetes.io/metadata.name': name }]),
      ),
    },
    connections,
  )

/** Reports whether ingress rules of the pod svidwatch let the connection in. */
const letsIn = (connection: Connection, ...ingress: readonly PolicyRule[]) =>
  judge([policy({ podSelector: {}, ingress })], connection).verdicts[0]?.allowed
const letsOut = (connection: Connection, ...egress: readonly PolicyRule[]) =>
  judge([policy({ podSelector: {}, policyTypes: ['Egress'], egress })], connection).verdicts[0]?.allowed

describe('policies', () => {
  it('restrict nothing for a pod that none selects', () => {
    const others = [policy({ podSelector: { matchLabels: { app: 'other' } } }), policy({ podSelector: {} }, 'team-a')]
    expect(judge(others, scrape).verdicts).toEqual([
      { connection: scrape, allowed: true, egress: undefined, ingress: undefined },
    ])
  })

  it('forbid everything that no rule allows once one selects the pod', () => {
    expect(letsIn(scrape)).toBe(false)
    expect(letsOut(ask)).toBe(false)
  })

  it('restrict what goes out only by policyTypes or by having a section for it', () => {
    expect(judge([policy({ podSelector: {} })], ask).verdicts[0]?.egress).toBeUndefined()
    expect(judge([policy({ podSelector: {}, egress: [] })], ask).verdicts[0]?.egress).toEqual([])
    expect(judge([policy({ podSelector: {}, policyTypes: ['Egress'] })], ask).verdicts[0]?.egress).toEqual([])
    expect(judge([policy({ podSelector: {}, policyTypes: ['Egress'] })], scrape).verdicts[0]?.ingress).toBeUndefined()
  })

  it('add up, and both ends must allow a connection', () => {
    const entry = policy({ podSelector: {}, ingress: [{ from: [fromPrometheus] }] })
    const nothing = policy({ podSelector: {}, policyTypes: ['Ingress'] })
    const exit = policy({ podSelector: {}, policyTypes: ['Egress'] }, 'monitoring')
    expect(judge([nothing, entry], scrape).verdicts[0]).toMatchObject({
      allowed: true,
      ingress: ['svidwatch/p ingress[0]'],
    })
    expect(judge([entry, exit], scrape).verdicts[0]).toMatchObject({ allowed: false, egress: [] })
  })

  it('let in what comes from the own node of a pod, which no rule needs to allow', () => {
    const probe: Connection = { from: nodeIp, to: ipOf(watch), port: 9798, protocol: 'TCP' }
    expect(judge([policy({ podSelector: {} })], probe).verdicts[0]).toMatchObject({ allowed: true, fromOwnNode: true })
    expect(letsIn({ ...probe, from: '192.0.2.2' })).toBe(false)
  })
})

describe('a peer', () => {
  it.each<[string, PolicyPeer, boolean]>([
    ['with both selectors is a pod with these labels in these namespaces', fromPrometheus, true],
    [
      'with labels of another pod is not this one',
      { ...fromPrometheus, podSelector: { matchLabels: { app: 'x' } } },
      false,
    ],
    ['with a namespace alone is each pod there', { namespaceSelector: monitoring }, true],
    ['with an empty namespaceSelector is each pod anywhere', { namespaceSelector: {} }, true],
    ['with a podSelector alone is a pod of the own namespace', { podSelector: {} }, false],
    ['with an ipBlock is an address', { ipBlock: { cidr: '10.0.0.0/24' } }, true],
    ['with another ipBlock is not this address', { ipBlock: { cidr: '10.1.0.0/24' } }, false],
    ['with an exception is not this address', { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.3/32'] } }, false],
    ['of the other IP family is not this address', { ipBlock: { cidr: '::/0' } }, false],
  ])('%s', (_name, peer, allowed) => {
    expect(letsIn(scrape, { from: [peer] })).toBe(allowed)
  })

  it('is everyone if a rule names none', () => {
    expect(letsIn(scrape, { from: [] })).toBe(true)
    expect(letsOut(ask, {})).toBe(true)
  })

  it('with a selector is no address outside of the cluster', () => {
    expect(letsOut(ask, { to: [{ namespaceSelector: {} }] })).toBe(false)
  })

  it('can be an address of IPv6', () => {
    const connection = { ...ask, to: '2001:db8::7' }
    expect(letsOut(connection, { to: [{ ipBlock: { cidr: '2001:db8::/64' } }] })).toBe(true)
    expect(letsOut(connection, { to: [{ ipBlock: { cidr: '2001:db9::/64' } }] })).toBe(false)
  })
})

describe('a port', () => {
  it.each<[string, PolicyPort, boolean]>([
    ['is this number', { port: 9797 }, true],
    ['is not another number', { port: 9798 }, false],
    ['is in a range', { port: 9000, endPort: 9797 }, true],
    ['is not in a range', { port: 9000, endPort: 9796 }, false],
    ['is TCP by default', { protocol: 'UDP', port: 9797 }, false],
    ['may be left out', { protocol: 'TCP' }, true],
    ['has a name in the pod that is reached', { port: 'metrics' }, true],
    ['has the name of another port', { port: 'probes' }, false],
    ['has a name that nobody knows', { port: 'http' }, false],
  ])('%s: %o', (_name, port, allowed) => {
    expect(letsIn(scrape, { ports: [port] })).toBe(allowed)
  })

  it('with a name is one of the target also where the source is restricted, and none outside of the cluster', () => {
    const toWeb = { ...ask, to: ipOf(web), port: 9797 }
    expect(letsOut(toWeb, { ports: [{ port: 'metrics' }] })).toBe(true)
    expect(letsOut({ ...ask, port: 9797 }, { ports: [{ port: 'metrics' }] })).toBe(false)
  })
})

describe('a selector', () => {
  it.each([
    [{ key: 'app', operator: 'In', values: ['prometheus', 'x'] }, true],
    [{ key: 'app', operator: 'In', values: ['x'] }, false],
    [{ key: 'app', operator: 'NotIn', values: ['x'] }, true],
    [{ key: 'none', operator: 'NotIn', values: ['x'] }, true],
    [{ key: 'app', operator: 'NotIn', values: ['prometheus'] }, false],
    [{ key: 'app', operator: 'Exists' }, true],
    [{ key: 'none', operator: 'Exists' }, false],
    [{ key: 'none', operator: 'DoesNotExist' }, true],
    [{ key: 'app', operator: 'DoesNotExist' }, false],
  ])('with %o selects the pod: %s', (expression, allowed) => {
    const podSelector = { matchExpressions: [expression] }
    expect(letsIn(scrape, { from: [{ namespaceSelector: monitoring, podSelector }] })).toBe(allowed)
  })
})

describe('the report', () => {
  it('names the rules that no connection needed', () => {
    const ingress = [{ from: [fromPrometheus] }, { ports: [{ port: 'probes' }] }]
    expect(judge([policy({ podSelector: {}, ingress, egress: [{}] })], scrape).unused).toEqual([
      'svidwatch/p ingress[1]',
      'svidwatch/p egress[0]',
    ])
  })

  it('names the rules that are wider than one peer', () => {
    const ingress: PolicyRule[] = [
      { from: [fromPrometheus] },
      { from: [fromPrometheus, { namespaceSelector: monitoring }] },
      { from: [{ podSelector: { matchLabels: { app: 'web' } } }] },
      { from: [{ podSelector: {} }] },
      { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } }] },
      { from: [{ ipBlock: { cidr: '192.0.2.1/32' } }, { ipBlock: { cidr: '2001:db8::1/128' } }] },
      { from: [{ ipBlock: { cidr: '2001:db8::/32' } }] },
      {},
    ]
    expect(judge([policy({ podSelector: {}, ingress })]).wide).toEqual(
      [1, 3, 4, 6, 7].map((index) => `svidwatch/p ingress[${index}]`),
    )
  })
})
