import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxMemoryLength, parseMemory, serializeMemory, type Memory } from '../../../src/ledger/memory.ts'

const back = (memory: Memory): Memory => {
  const parsed = parseMemory(serializeMemory(memory))
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.memory
}
const empty: Memory = { agentNodes: [], bundles: [] }
const bundle = (trustDomain: string, authorityLength: number) => ({
  trustDomain,
  bootstrap: 'ab'.repeat(32),
  refreshedMs: 1,
  authorities: ['A'.repeat(authorityLength)],
  jwtAuthorities: [],
})
const nodes = (count: number, agent: string) =>
  Array.from({ length: count }, (_, index) => ({ node: `ip-10-0-${index}.eu-central-1.compute.internal`, agent }))

const withBundle = (wrong: object) => JSON.stringify({ agents: {}, bundles: [{ ...bundle('a', 4), ...wrong }] })

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
    const byName = (memory: Memory) => ({ ...memory, agentNodes: new Set(memory.agentNodes) })
    fc.assert(
      fc.property(agentNodes, fc.array(one), (given, bundles) => {
        const memory = { agentNodes: given, bundles }
        expect(byName(back(memory))).toEqual(byName(memory))
      }),
    )
  })

  it('has room for 1,000 nodes with two agents each, and ten large bundles', () => {
    const memory: Memory = {
      agentNodes: [...nodes(1_000, 'csi-driver-spiffe'), ...nodes(1_000, 'spire-agent')],
      bundles: Array.from({ length: 10 }, (_, index) => bundle(`td-${index}`, 8_000)),
    }
    expect(back(memory)).toEqual(memory)
  })

  it('leaves out the largest bundles where it would grow too long, and keeps the others in their order', () => {
    const sizes = { a: 100_000, b: 40, c: 150_000, d: 100_000 }
    const bundles = Object.entries(sizes).map(([name, size]) => bundle(name, size))
    const text = serializeMemory({ ...empty, bundles })
    expect(text.length).toBeLessThanOrEqual(maxMemoryLength)
    expect(back({ ...empty, bundles }).bundles.map(({ trustDomain }) => trustDomain)).toEqual(['a', 'b', 'd'])
  })

  it('is never longer than it may be, and leaves room for bundles beside very many nodes', () => {
    const memory: Memory = { agentNodes: nodes(20_000, 'csi-driver-spiffe'), bundles: [bundle('a', 100_000)] }
    expect(serializeMemory(memory).length).toBeLessThanOrEqual(maxMemoryLength)
    const { agentNodes, bundles } = back(memory)
    expect(agentNodes).toEqual(memory.agentNodes.slice(0, agentNodes.length))
    expect(agentNodes.length).toBeGreaterThan(2_000)
    expect(bundles).toEqual(memory.bundles)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', '[]'],
    ['a missing part', '{"agents":{}}'],
    ['one part too many', '{"agents":{},"bundles":[],"more":1}'],
    ['a wrong time', '{"agents":{"a":{"node-1":"now"}},"bundles":[]}'],
    ['an authority that is not base64', withBundle({ authorities: ['!'] })],
    ['a sequence that is no number', withBundle({ sequence: '0x1' })],
    ['a bundle of a time that cannot be told', withBundle({ refreshedMs: 1e300 })],
    [
      'a node that is gone since a time that cannot be told',
      JSON.stringify({ agents: { a: { b: 1e300 } }, bundles: [] }),
    ],
    [
      'a node with a control character in its name',
      JSON.stringify({ agents: { a: { 'b\u001b': null } }, bundles: [] }),
    ],
    ['a bundle that nobody knows when it was fetched', withBundle({ refreshedMs: undefined })],
    ['too long a text', `{"agents":{},"bundles":[]}${' '.repeat(maxMemoryLength)}`],
  ])('is not read from %s', (_, text) => {
    expect(parseMemory(text)).toEqual({ problem: expect.stringMatching(/./) as unknown })
  })
})
