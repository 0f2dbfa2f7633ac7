import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import * as types from '../../../src/config/settingTypes.ts'

const texts = [
  ...['', ' ', 'a', 'A', 'a-b', '-a', 'a.b', 'a_b', 'a/b', 'a/b/c', '/a b', 'tls.key', 'a'.repeat(63), 'a'.repeat(64)],
  ...['5', '5s', '05s', '1500ms', '2m', '1h', '30d', '1w', '-1s', '1.5s', '0%', '1%', '33%', '99%', '100%', 'spire'],
  ...['0.0.0.0', '::', '::ffff:192.0.2.1', 'fe80::1', '256.1.1.1', 'example.org', 'spiffe.csi.cert-manager.io'],
  ...['spiffe://example.org/web', 'spiffe://example.org', 'spiffe://Example.org/web', 'spiffe://example.org/a/B_c-d.e'],
  ...['https://example.org', 'https://example.org:8443/a@b', 'http://example.org', 'https://u:p@example.org'],
  ...['http://[2001:db8::1]:4318/otlp', 'http://example.org:otlp', 'https://example.org/?a=b', 'http://example.org:'],
  ...['example.com/label', 'x/y/z', 'cdn.example:9443', '[2001:db8::1]:443', 'cdn.example/path', 'name\n', '\n'],
]
const numbers = [-1, 0, 1, 1.5, 443, 9797, 10_000, 10_001, 65_535, 65_536, Number.MAX_SAFE_INTEGER, 2 ** 60]
const others = [{ app: 'web' }, {}, { 'a b': 'c' }, { a: '' }, ['a'], ['a', 'a'], [], true, null]

const declared = Object.entries(types).filter(([, type]) => type instanceof z.ZodType)
const made = [
  ['duration', types.duration('1s', '10m')],
  ['oneOf', types.oneOf(['json', 'pretty'])],
] as const

/** Reports whether the keywords for the chart's schema accept a value, as far as a type uses them. */
function accepts(keywords: Readonly<Record<string, unknown>>, given: unknown): boolean {
  if (keywords.type === 'integer' && typeof given === 'number') {
    return Number.isInteger(given) && given >= Number(keywords.minimum) && given <= Number(keywords.maximum)
  }
  if (typeof keywords.pattern === 'string' && typeof given === 'string') return new RegExp(keywords.pattern).test(given)
  const [name] = Object.keys(keywords.patternProperties ?? {})
  if (name !== undefined && typeof given === 'object' && given !== null) {
    return Object.keys(given).every((key) => new RegExp(name).test(key))
  }
  return keywords.uniqueItems !== true || !Array.isArray(given) || new Set(given).size === given.length
}

describe('the keywords for the schema of the chart', () => {
  it.each([...declared, ...made])('accept what the type %s accepts', (_name, type) => {
    const schema = type as z.ZodType
    const keywords = types.valueRules.get(schema)?.keywords ?? {}
    const accepted = [...texts, ...numbers, ...others].filter((given) => schema.safeParse(given).success)
    expect(accepted.filter((given) => !accepts(keywords, given))).toEqual([])
  })

  it.each([
    ['a duration without a unit', types.duration('1s', '10m'), '60'],
    ['a renewal in weeks', types.renewBefore, '1w'],
    ['a port that is too high', types.port, 65_536],
    ['a URL without TLS', types.bundleEndpointUrl, 'http://example.org'],
    ['a collector with user information', types.collectorUrl, 'https://user@example.org'],
    ['a port that is a name', types.collectorUrl, 'http://example.org:otlp'],
    ['a SPIFFE ID in place of a trust domain', types.trustDomain, 'spiffe://example.org'],
    ['a name in upper case', types.namespaceName, 'Team'],
    ['a service without a namespace', types.namespacedName, 'svidwatch'],
    ['a label with a space', types.labels, { 'a b': 'c' }],
    ['a namespace that is there twice', types.namespaces, ['a', 'a']],
  ])('refuse %s', (_fault, type, given) => {
    expect(accepts(types.valueRules.get(type)?.keywords ?? {}, given)).toBe(false)
  })
})
