import { derOf, x509Jwk, type BundlePki } from '../../../support/bundlePki.ts'
import { fixtureText } from '../../../support/fixtures.ts'
import { federation, format, bound, serves, x509, type HostileServer } from './hostileServer.ts'

type Row = [what: string, outcome: HostileServer['outcome'], rule: string, start: HostileServer['start']]
type Members = Readonly<Record<string, unknown>>

const text = (document: string) => serves(() => document)
const json = (document: unknown) => text(JSON.stringify(document))
const keys = (...elements: unknown[]) => json({ keys: elements })
const sequence = (literal: string) => text(`{"keys": [], "spiffe_sequence": ${literal}}`)
const hint = (literal: string) => text(`{"keys": [], "spiffe_refresh_hint": ${literal}}`)
/** One element, as SPIRE writes it but for what is changed. */
const x509Key = (change: (pki: BundlePki) => Members) =>
  serves((pki) => JSON.stringify({ keys: [{ ...x509Jwk(pki.web.certificatePem), ...change(pki) }] }))
const jwtKey = (change: Members) => keys({ ...recordedJwtKey(), ...change })

function recordedJwtKey(): Members {
  const recorded = JSON.parse(fixtureText('spire/bundle-endpoint-https_web.json')) as {
    readonly keys: readonly Members[]
  }
  return recorded.keys.find(({ use }) => use === 'jwt-svid') ?? {}
}

const twice = 'RFC 7517 5'
/** What no standard asks for, and go-spiffe does. */
const practice = 'go-spiffe'
const beyond = 'RFC 7517 4.7'

const rows: readonly Row[] = [
  ['what SPIRE served by https_web', 'bundle', format('4'), text(fixtureText('spire/bundle-endpoint-https_web.json'))],
  [
    'what SPIRE served by https_spiffe',
    'bundle',
    format('4'),
    text(fixtureText('spire/bundle-endpoint-https_spiffe.json')),
  ],
  ['nothing', 'malformed_json', format('4'), text('')],
  ['HTML', 'malformed_json', format('4'), text('<!doctype html><title>Sign in</title>')],
  [
    'half a document',
    'malformed_json',
    format('4'),
    text(fixtureText('spire/bundle-endpoint-https_web.json').slice(0, 2000)),
  ],
  [
    'a document in Latin-1',
    'malformed_json',
    federation('5.2.1.3'),
    serves(() => Buffer.from('{"keys": [], "issuer": "Müller"}', 'latin1')),
  ],
  ['a member twice', 'malformed_json', twice, text('{"keys": [], "keys": []}')],
  ['a member twice, once escaped', 'malformed_json', twice, text('{"keys": [], "\\u006beys": []}')],
  [
    'a member twice in a key',
    'malformed_json',
    'RFC 7517 4',
    text('{"keys": [{"kty": "EC", "use": "jwt-svid", "kid": "a", "kid": "b"}]}'),
  ],
  ['the same member in two keys', 'bundle', 'RFC 7517 4', keys({ kty: 'EC', use: 'a' }, { kty: 'EC', use: 'a' })],
  ['nesting without end', 'malformed_json', bound, text('['.repeat(500_000) + ']'.repeat(500_000))],
  ['an array', 'malformed_bundle', 'RFC 7517 5', json([])],
  ['a JSON null', 'malformed_bundle', 'RFC 7517 5', json(null)],
  ['no keys', 'malformed_bundle', format('4.1.3'), json({ spiffe_sequence: 1 })],
  ['keys of a wrong type', 'malformed_bundle', format('4.1.3'), json({ keys: {} })],
  ['a key of a wrong type', 'malformed_bundle', format('4.1.3'), keys('key')],
  ['empty keys', 'bundle', format('4.1.3'), keys()],
  ['1001 keys', 'malformed_bundle', bound, keys(...Array.from({ length: 1001 }, () => ({ kty: 'EC' })))],
  ['members that nobody knows', 'bundle', format('4.1'), json({ keys: [], vendor: { a: 1.5 } })],
  ['neither sequence nor refresh hint', 'bundle', format('4.1'), keys()],
  ['a sequence of 64 bits', 'bundle', format('4.1.1'), sequence('18446744073709551615')],
  ['a negative sequence', 'bundle', format('4.1.1'), sequence('-1')],
  ['a sequence of 65 bits', 'malformed_bundle', bound, sequence('18446744073709551616')],
  ['a sequence of a million digits', 'malformed_bundle', bound, sequence('9'.repeat(1_000_000))],
  ['a fractional sequence', 'malformed_bundle', format('4.1.1'), sequence('1.5')],
  ['a sequence with an exponent', 'malformed_bundle', format('4.1.1'), sequence('1e400')],
  ['a sequence in a string', 'malformed_bundle', format('4.1.1'), sequence('"5"')],
  ['a sequence of null', 'bundle', practice, sequence('null')],
  ['a refresh hint of 0', 'bundle', format('4.1.2'), hint('0')],
  ['a refresh hint of 28 days', 'bundle', format('4.1.2'), hint('2419200')],
  ['a fractional refresh hint', 'malformed_bundle', format('4.1.2'), hint('0.5')],
  ['a negative refresh hint', 'bundle', practice, hint('-5')],
  ['a refresh hint of null', 'bundle', practice, hint('null')],
  ['a refresh hint in a string', 'malformed_bundle', format('4.1.2'), hint('"5m"')],
  ['an unknown use', 'bundle', format('4.2.2'), x509Key(() => ({ use: 'wit-svid' }))],
  [
    'an unknown use, and nonsense beside it',
    'bundle',
    format('4.2.2'),
    keys({ kty: 'EC', use: 'wit-svid', x5c: 5, kid: {} }),
  ],
  ['a use in capitals', 'bundle', format('4.2.2'), x509Key(() => ({ use: 'X509-SVID', x5c: ['no'] }))],
  ['no use', 'bundle', twice, keys({ kty: 'EC' })],
  ['a use of a wrong type', 'malformed_bundle', format('4.2.2'), keys({ kty: 'EC', use: 5 })],
  ['an unknown key type', 'bundle', format('4.2.1'), x509Key(() => ({ kty: 'AKP', x5c: ['no'] }))],
  ['no key type', 'bundle', twice, keys({ use: 'x509-svid' })],
  ['a key type of a wrong type', 'malformed_bundle', format('4.2.1'), keys({ kty: ['EC'], use: 'x509-svid' })],
  ['a use of null', 'bundle', practice, x509Key(() => ({ use: null, x5c: ['no'] }))],
  ['no x5c', 'bundle', x509('6.2'), keys({ kty: 'EC', use: 'x509-svid' })],
  ['an empty x5c', 'bundle', x509('6.2'), x509Key(() => ({ x5c: [] }))],
  ['x5c of a wrong type', 'malformed_bundle', beyond, x509Key(({ web }) => ({ x5c: derOf(web.certificatePem) }))],
  ['an x5c value of a wrong type', 'malformed_bundle', beyond, x509Key(() => ({ x5c: [5] }))],
  [
    'two certificates in x5c',
    'bundle',
    x509('6.2'),
    x509Key(({ web, stranger }) => ({ x5c: [derOf(web.certificatePem), derOf(stranger.certificatePem)] })),
  ],
  [
    'nonsense behind the certificate in x5c',
    'bundle',
    x509('6.2'),
    x509Key(({ web }) => ({ x5c: [derOf(web.certificatePem), 5] })),
  ],
  [
    'x5c in base64url',
    'malformed_authority',
    beyond,
    x509Key(({ web }) => ({ x5c: [`${derOf(web.certificatePem).slice(0, -4)}-_-_`] })),
  ],
  [
    'x5c in lines',
    'bundle',
    practice,
    x509Key(({ web }) => ({ x5c: [derOf(web.certificatePem).replaceAll(/.{64}/g, '$&\n')] })),
  ],
  ['x5c in PEM', 'malformed_authority', beyond, x509Key(({ web }) => ({ x5c: [web.certificatePem] }))],
  [
    'PEM in base64 in x5c',
    'malformed_authority',
    beyond,
    x509Key(({ web }) => ({ x5c: [Buffer.from(web.certificatePem).toString('base64')] })),
  ],
  ['x5c that is no certificate', 'malformed_authority', beyond, x509Key(() => ({ x5c: ['AAAA'] }))],
  [
    'more bytes behind the certificate',
    'malformed_authority',
    beyond,
    x509Key(({ web }) => ({
      x5c: [Buffer.concat([Buffer.from(derOf(web.certificatePem), 'base64'), Buffer.alloc(3)]).toString('base64')],
    })),
  ],
  [
    'a certificate of another key',
    'malformed_authority',
    beyond,
    x509Key(({ stranger }) => ({ x5c: [derOf(stranger.certificatePem)] })),
  ],
  ['a certificate that is no CA', 'malformed_authority', x509('6.1'), x509Key(({ leafPem }) => x509Jwk(leafPem))],
  [
    'an authority that has expired',
    'bundle',
    federation('4.1'),
    x509Key(({ expired }) => x509Jwk(expired.certificatePem)),
  ],
  [
    'the same authority twice',
    'bundle',
    x509('6.2'),
    serves(({ web }) => JSON.stringify({ keys: [x509Jwk(web.certificatePem), x509Jwk(web.certificatePem)] })),
  ],
  ['a kid beside x5c', 'bundle', x509('6.2'), x509Key(() => ({ kid: 'a' }))],
  ['a JWT key without kid', 'bundle', twice, jwtKey({ kid: undefined })],
  ['a kid of a wrong type', 'malformed_bundle', 'RFC 7517 4.5', jwtKey({ kid: 5 })],
  ['a kid of 2,000 characters', 'malformed_authority', bound, jwtKey({ kid: 'k'.repeat(2000) })],
  ['a JWT key without its key', 'bundle', twice, jwtKey({ x: undefined })],
]

/** What a server serves, by https_web and with a certificate that is as it should be. */
export const hostileDocuments: readonly HostileServer[] = rows.map(
  ([what, outcome, rule, start]) => ({ profile: 'https_web', what, outcome, rule, start }) as const,
)
