import { X509Certificate } from 'node:crypto'
import type { Case } from './chainBlocks.ts'

/** Examples of public keys from RFC 7517, appendix A.1. */
const ecKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}
const rsaKey = {
  kty: 'RSA',
  n:
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5Js' +
    'GY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-' +
    'bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
}

const jwtKey = { use: 'jwt-svid', kid: 'first', ...ecKey }

/** Returns a trust bundle with one X.509 authority and one JWT authority, as SPIRE writes it. */
export function bundleOf(authorityPem: string): string {
  return JSON.stringify(membersOf(authorityPem))
}

function membersOf(authorityPem: string) {
  return { keys: [x509Key(authorityPem), jwtKey] as const, spiffe_sequence: 5, spiffe_refresh_hint: 300 }
}

function x509Key(pem: string) {
  const { publicKey, raw } = new X509Certificate(pem)
  const { kty, crv, x } = publicKey.export({ format: 'jwk' })
  return { use: 'x509-svid', kty, crv, x, x5c: [raw.toString('base64')] }
}

/** Ways in which a trust bundle is damaged, or written in another form. `leafPem` is a certificate of no CA, `otherPem` another CA. */
export function documentCases(authorityPem: string, otherPem: string, leafPem: string): readonly Case[] {
  const bundle = membersOf(authorityPem)
  const [x509] = bundle.keys
  const other = x509Key(otherPem)
  const leaf = x509Key(leafPem)
  return [
    ...replacedMembers(bundle),
    ...certificateForms(bundle),
    ...jsonForms(bundleOf(authorityPem)),
    ...keySets({
      'no keys': [],
      'two X.509 authorities': [x509, other],
      'an X.509 authority twice': [x509, x509],
      'two certificates in x5c': [{ ...x509, x5c: [...x509.x5c, ...other.x5c] }],
      'a certificate and no certificate in x5c': [{ ...x509, x5c: [...x509.x5c, 'x'] }],
      'the certificate of another key': [{ ...x509, x5c: other.x5c }],
      'a certificate of no CA': [leaf],
      'two JWT authorities': [jwtKey, { ...jwtKey, kid: 'second' }],
      'two JWT authorities of one kid': [jwtKey, { ...jwtKey, ...rsaKey }],
      'a JWT authority of RSA': [{ use: 'jwt-svid', kid: 'rsa', ...rsaKey }],
      'a key of WIT-SVIDs': [{ ...jwtKey, use: 'wit-svid' }],
      'a key of another use': [{ ...jwtKey, use: 'sig' }, x509],
      'a key of another type': [{ use: 'jwt-svid', kid: 'new', kty: 'AKP', alg: 'ML-DSA-87', pub: 'AAAA' }, x509],
      'a key of another type and use': [{ use: 'sig', kty: 'AKP' }, x509],
      'a symmetric key': [{ use: 'jwt-svid', kid: 'oct', kty: 'oct', k: 'AAAA' }],
      'a key of another curve': [{ ...jwtKey, crv: 'secp256k1' }, x509],
      'a private key': [{ ...jwtKey, d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE' }],
    }),
  ]
}

const keySets = (sets: Readonly<Record<string, readonly object[]>>): readonly Case[] =>
  Object.entries(sets).map(([name, keys]) => ({ name, text: JSON.stringify({ keys }) }))

/** JSON texts in the place of a value. */
const replacements = [
  ...['null', 'true', '0', '-0', '-1', '1', '1.0', '1.5', '1e2', '1e400', '9223372036854775807', '9223372036854775808'],
  ...['18446744073709551615', '18446744073709551616', '-9223372036854775808', '-9223372036854775809'],
  ...['""', '" "', '"5"', '"x"', '[]', '{}', '[null]', '[1]', '["x"]', '{"a":1}', '[[]]'],
]

/** A member is found by this text, which JSON.stringify writes without quotes around it. */
const mark = 'REPLACED'

function replacedMembers(bundle: ReturnType<typeof membersOf>): readonly Case[] {
  const { keys } = bundle
  const topLevel = ['keys', 'spiffe_sequence', 'spiffe_refresh_hint', 'vendor'].map(
    (member) => [member, { ...bundle, [member]: mark }] as const,
  )
  const ofKeys = 'use kty kid crv x y n e k d alg x5c x5u x5t x5t#S256 exp key_ops'.split(' ')
  const inKeys = keys.flatMap((key, index) =>
    ofKeys.map(
      (member) =>
        [`keys[${index}].${member}`, { ...bundle, keys: keys.with(index, { ...key, [member]: mark }) }] as const,
    ),
  )
  const elements = keys.map(
    (_, index) => [`keys[${index}]`, { ...bundle, keys: keys.with(index, mark as never) }] as const,
  )
  const certificate = ['keys[0].x5c[0]', { ...bundle, keys: keys.with(0, { ...keys[0], x5c: [mark] }) }] as const
  return [...topLevel, ...inKeys, ...elements, certificate].flatMap(([path, document]) => {
    const text = JSON.stringify(document)
    const missing = text.replace(new RegExp(`"[^"]+":"${mark}",?|"${mark}",?`), '').replace(/,(?=[}\]])/, '')
    return [
      { name: `${path} is missing`, text: missing },
      ...replacements.map((json) => ({ name: `${path} is ${json}`, text: text.replace(`"${mark}"`, json) })),
    ]
  })
}

function certificateForms(bundle: ReturnType<typeof membersOf>): readonly Case[] {
  const [base64 = ''] = bundle.keys[0].x5c
  const der = Buffer.from(base64, 'base64')
  const forms = {
    'in lines': base64.replaceAll(/.{64}/g, '$&\n'),
    'in lines of Windows': base64.replaceAll(/.{64}/g, '$&\r\n'),
    'in lines of old Macs': base64.replaceAll(/.{64}/g, '$&\r'),
    'with a line end behind it': `${base64}\n`,
    'with a line end before it': `\n${base64}`,
    'with a line end in its padding': base64.replace('==', '=\n='),
    'with a space in it': base64.replace(/.{64}/, '$& '),
    'with a tab in it': base64.replace(/.{64}/, '$&\t'),
    'with a space behind it': `${base64} `,
    'with a line separator in it': base64.replace(/.{64}/, '$&\u2028'),
    'without padding': base64.replaceAll('=', ''),
    'with too much padding': `${base64}=`,
    'with other bits in its padding': base64.replace(/[A-Za-z0-9+/](?==+$)/, nextSymbol),
    'in the alphabet of URLs': base64.replaceAll('+', '-').replaceAll('/', '_'),
    'with a byte behind it': Buffer.concat([der, Buffer.of(0)]).toString('base64'),
    'without its last byte': der.subarray(0, -1).toString('base64'),
    'twice in one text': Buffer.concat([der, der]).toString('base64'),
    'in PEM': `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
  return Object.entries(forms).map(([name, form]) => ({
    name: `a certificate ${name}`,
    text: JSON.stringify({ keys: [{ ...bundle.keys[0], x5c: [form] }] }),
  }))
}

function jsonForms(text: string): readonly Case[] {
  const members = ['keys', 'spiffe_sequence', 'spiffe_refresh_hint', 'use', 'kty', 'kid', 'x5c', 'crv', 'x']
  const renamed = members.flatMap((member) => [
    { name: `${member} in capitals`, text: text.replaceAll(`"${member}":`, `"${member.toUpperCase()}":`) },
    {
      name: `${member} escaped`,
      text: text.replaceAll(`"${member}":`, `"\\u00${member.charCodeAt(0).toString(16)}${member.slice(1)}":`),
    },
    {
      name: `${member} twice`,
      text: text.replaceAll(new RegExp(`"${member}":([^,}\\[]+|\\[.*\\](?=[,}]))`, 'g'), '$&,$&'),
    },
    { name: `${member} twice, first null`, text: text.replaceAll(`"${member}":`, `"${member}":null,"${member}":`) },
    {
      name: `${member} also in capitals`,
      text: text.replaceAll(`"${member}":`, `"${member.toUpperCase()}":null,"${member}":`),
    },
  ])
  const forms = {
    'as it should be': text,
    'in many lines': JSON.stringify(JSON.parse(text), undefined, 2),
    'a byte order mark': `\ufeff${text}`,
    'text behind it': `${text}x`,
    'another document behind it': text + text,
    'NUL behind it': `${text}\0`,
    'white space around it': ` \r\n\t${text}\n`,
    'a no-break space around it': `\u00a0${text}`,
    'a comment': `/* bundle */${text}`,
    'a comma too many': text.replace(/\}$/, ',}'),
    'half of it': text.slice(0, text.length / 2),
    nothing: '',
    null: 'null',
    'an array': `[${text}]`,
    'a string': JSON.stringify(text),
    'a line end in a string': text.replace('first', 'fi\nrst'),
    'half a surrogate pair in a kid': text.replace('first', '\\ud800'),
    'NUL in a kid': text.replace('first', '\\u0000'),
    'an unknown escape': text.replace('first', '\\x'),
    'nested 40 deep': text.replace('{', `{"vendor":${'['.repeat(40)}${']'.repeat(40)},`),
  }
  return [...Object.entries(forms).map(([name, form]) => ({ name, text: form })), ...renamed]
}

/** Returns the base64 symbol that differs in the last bit. */
function nextSymbol(symbol: string): string {
  return Buffer.of((Buffer.from(`${symbol}A`, 'base64')[0] ?? 0) | 4)
    .toString('base64')
    .charAt(0)
}
