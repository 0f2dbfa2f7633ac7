import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyMemory, maxMemoryLength, parseMemory, serializeMemory, type Memory } from '../../../src/ledger/memory.ts'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import type { RememberedSvid } from '../../../src/ledger/workloads/remembered.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import { svid } from '../../support/observations.ts'

const back = (memory: Memory): Memory => {
  const parsed = parseMemory(serializeMemory(memory))
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.memory
}
const bundle = (trustDomain: string, authorityLength: number) => ({
  trustDomain,
  bootstrap: 'ab'.repeat(32),
  refreshedMs: 1,
  authorities: ['A'.repeat(authorityLength)],
  jwtAuthorities: [],
})
const rememberedSvid = (wrong: Partial<X509Svid> = {}): RememberedSvid => ({
  podUid: '0f8fad5b-d9cb-469f-a165-70867728950e',
  volume: 'spiffe',
  issuer: 'ClusterIssuer/spiffe-ca',
  uid: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  createdMs: 1,
  svid: svid({ fingerprint: 'ab'.repeat(32), ...wrong }),
})
const nodes = (count: number, agent: string) =>
  Array.from({ length: count }, (_, index) => ({ node: `ip-10-0-${index}.eu-central-1.compute.internal`, agent }))

const stored = (wrong: object) => JSON.stringify({ agents: {}, bundles: [], svids: [], ...wrong })
const withBundle = (wrong: object) => stored({ bundles: [{ ...bundle('a', 4), ...wrong }] })

describe('the memory', () => {
  it('comes back as it was', () => {
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/)
    const agentNode = fc.record({ node: name, agent: name, lostMs: fc.nat() }, { requiredKeys: ['node', 'agent'] })
    const agentNodes = fc.uniqueArray(agentNode, { selector: ({ node, agent }) => `${agent}/${node}` })
    const one = fc.record(
      {
        trustDomain: name,
        bootstrap: fc.stringMatching(/^[0-9a-f]{64}$/),
        refreshedMs: fc.nat(),
        sequence: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
        refreshHintMs: fc.nat(),
        authorities: fc.array(fc.base64String(), { maxLength: 3 }),
        jwtAuthorities: fc.array(
          fc.record({ keyId: fc.string(), expiresMs: fc.integer() }, { requiredKeys: ['keyId'] }),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: ['trustDomain', 'refreshedMs', 'authorities', 'jwtAuthorities'] },
    )
    const svidOf = fc.record(
      {
        podUid: fc.uuid(),
        volume: name,
        issuer: fc.stringMatching(/^[A-Za-z/.-]{0,30}$/),
        uid: fc.uuid(),
        createdMs: fc.nat(),
        waitedMs: fc.nat(),
        lostMs: fc.nat(),
        firstNewer: fc.record({ notBeforeMs: fc.nat(), issuedMs: fc.nat() }),
        svid: fc.nat().map((notBeforeMs) => rememberedSvid({ notBeforeMs }).svid),
      },
      { requiredKeys: ['podUid', 'volume', 'issuer', 'uid', 'createdMs', 'svid'] },
    )
    const byName = (memory: Memory) => ({ ...memory, agentNodes: new Set(memory.agentNodes) })
    const names = fc.subarray([...sourceNames])
    fc.assert(
      fc.property(names, agentNodes, fc.array(one), fc.array(svidOf), (installed, given, bundles, svids) => {
        const memory = { installed, agentNodes: given, bundles, svids }
        expect(byName(back(memory))).toEqual(byName(memory))
      }),
    )
  })

  it('has room for 1,000 nodes with two agents each, and ten large bundles', () => {
    const memory: Memory = {
      ...emptyMemory,
      agentNodes: [...nodes(1_000, 'csi-driver-spiffe'), ...nodes(1_000, 'spire-agent')],
      bundles: Array.from({ length: 10 }, (_, index) => bundle(`td-${index}`, 8_000)),
    }
    expect(back(memory)).toEqual(memory)
  })

  it('leaves out the largest bundles where it would grow too long, and keeps the others in their order', () => {
    const sizes = { a: 100_000, b: 40, c: 150_000, d: 100_000 }
    const bundles = Object.entries(sizes).map(([name, size]) => bundle(name, size))
    const text = serializeMemory({ ...emptyMemory, bundles })
    expect(text.length).toBeLessThanOrEqual(maxMemoryLength)
    expect(back({ ...emptyMemory, bundles }).bundles.map(({ trustDomain }) => trustDomain)).toEqual(['a', 'b', 'd'])
  })

  it('is never longer than it may be, and leaves room for bundles beside very many nodes', () => {
    const memory: Memory = {
      ...emptyMemory,
      agentNodes: nodes(20_000, 'csi-driver-spiffe'),
      bundles: [bundle('a', 100_000)],
    }
    expect(serializeMemory(memory).length).toBeLessThanOrEqual(maxMemoryLength)
    const { agentNodes, bundles } = back(memory)
    expect(agentNodes).toEqual(memory.agentNodes.slice(0, agentNodes.length))
    expect(agentNodes.length).toBeGreaterThan(2_000)
    expect(bundles).toEqual(memory.bundles)
  })

  it('keeps the first SVIDs where there are very many, hundreds beside nodes and bundles', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => rememberedSvid({ notAfterMs: index }))
    const memory = {
      ...emptyMemory,
      agentNodes: nodes(100, 'csi-driver-spiffe'),
      bundles: [bundle('a', 8_000)],
      svids: many,
    }
    expect(serializeMemory(memory).length).toBeLessThanOrEqual(maxMemoryLength)
    const { bundles, svids } = back(memory)
    expect(bundles).toEqual(memory.bundles)
    expect(svids.length).toBeGreaterThan(300)
    expect(svids).toEqual(many.slice(0, svids.length))
  })

  it('of an earlier version, which did not remember sources or how long requests had waited, is read', () => {
    expect(parseMemory('{"agents":{},"bundles":[],"svids":[]}')).toEqual({ memory: emptyMemory })
    const svids = [{ ...rememberedSvid(), lostMs: 2 }]
    expect(parseMemory(stored({ svids }))).toEqual({ memory: { ...emptyMemory, svids } })
  })

  it('of a version with more sources has those that are known', () => {
    const read = parseMemory(stored({ installed: ['moonPhases', 'certificateRequests'] }))
    expect(read).toEqual({ memory: { ...emptyMemory, installed: ['certificateRequests'] } })
  })

  it('of an earlier version, which took every name of an issuer, has a code for those that no issuer can have', () => {
    const svids = [{ ...rememberedSvid(), issuer: 'ClusterIssuer/<!channel>' }]
    expect(parseMemory(stored({ svids }))).toMatchObject({ memory: { svids: [{ issuer: 'invalid_name' }] } })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', '[]'],
    ['a missing part', '{"agents":{}}'],
    ['a wrong time', stored({ agents: { a: { 'node-1': 'now' } } })],
    ['a source that is no name', stored({ installed: ['\u001b'] })],
    ['very many sources', stored({ installed: Array.from({ length: 101 }, () => 'pods') })],
    ['an authority that is not base64', withBundle({ authorities: ['!'] })],
    ['a sequence that is no number', withBundle({ sequence: '0x1' })],
    ['a bundle of a time that cannot be told', withBundle({ refreshedMs: 1e300 })],
    ['a node that is gone since a time that cannot be told', stored({ agents: { a: { b: 1e300 } } })],
    ['a node with a control character in its name', stored({ agents: { a: { 'b\u001b': null } } })],
    ['an SVID that is none of a workload', stored({ svids: [rememberedSvid({ spiffeId: 'spiffe://example.org' })] })],
    ['an SVID of a time that cannot be told', stored({ svids: [rememberedSvid({ notAfterMs: 1e300 })] })],
    [
      'an issuer with a control character in its name',
      stored({ svids: [{ ...rememberedSvid(), issuer: 'ClusterIssuer/\u001b' }] }),
    ],
    ['a node that is named like markup', stored({ agents: { a: { '<!here>': null } } })],
    ['an agent that is named like markup', stored({ agents: { '<!here>': {} } })],
    ['a trust domain that is named like markup', withBundle({ trustDomain: '<!here>' })],
    ['a volume that is named like markup', stored({ svids: [{ ...rememberedSvid(), volume: '<!here>' }] })],
    ['a bundle that nobody knows when it was fetched', withBundle({ refreshedMs: undefined })],
    ['too long a text', `${stored({})}${' '.repeat(maxMemoryLength)}`],
  ])('is not read from %s', (_, text) => {
    expect(parseMemory(text)).toEqual({ problem: expect.stringMatching(/./) as unknown })
  })
})
