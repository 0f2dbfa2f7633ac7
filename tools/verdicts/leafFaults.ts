import {
  authorityKeyId,
  basicConstraints,
  der,
  dns,
  ed25519,
  ed448,
  extendedKeyUsage,
  keyUsage,
  names,
  oid,
  purposes,
  sequence,
  unknownExtension,
  uri,
} from './certificateBuilder.ts'
import { ed448Key, koblitzSpki, smallSpki } from './foreignKeys.ts'
import {
  leaf,
  leafUsage,
  root,
  rootKey,
  spiffeRule,
  webId,
  type Difference,
  type LeafOptions,
  type SvidCase,
} from './svidParts.ts'

/** A case of a leaf that the root has signed. */
const one = (name: string, says: string, options: LeafOptions, differ?: Difference): SvidCase => ({
  name,
  chain: [leaf(options)],
  bundle: [root()],
  says,
  ...(differ && { differ }),
})

const withExtensions = (...extensions: readonly Buffer[]): LeafOptions => ({
  extensions: [...extensions, names(webId)],
})
const withUris = (...uris: readonly string[]): LeafOptions => ({ extensions: [leafUsage, names(...uris.map(uri))] })

const noSpiffeUsage: Difference = {
  follows: 'go-spiffe',
  why: 'X509-SVID section 4.3 requires digitalSignature; go-spiffe does not load such a leaf',
}
const purposeRule: Difference = {
  follows: 'OpenSSL',
  why: 'X509-SVID section 4.4 requires both purposes; go-spiffe does not look at them',
}
const goParser: Difference = {
  follows: 'go-spiffe',
  why: 'RFC 5280 forbids it, and Go does not parse such a certificate',
}

const foreignKey: Difference = { follows: 'go-spiffe', why: 'Go has no such keys in TLS' }

export const leafFaults: readonly SvidCase[] = [
  one('a good leaf', 'accepted', {}),
  one(
    'both purposes in its extended key usage',
    'accepted',
    withExtensions(leafUsage, extendedKeyUsage(purposes.server, purposes.client)),
  ),
  one('an extension that no program knows', 'accepted', withExtensions(leafUsage, unknownExtension(false))),
  one('DNS names beside its SPIFFE ID', 'accepted', {
    extensions: [leafUsage, names(dns('web'), webId, dns('web.team-a.svc'))],
  }),
  one('no subject', 'accepted', { subject: '' }),
  one('a key usage that is not critical', 'accepted', withExtensions(keyUsage(['digitalSignature'], false))),
  one(
    'keyEncipherment beside digitalSignature',
    'accepted',
    withExtensions(keyUsage(['digitalSignature', 'keyEncipherment'])),
  ),
  one('basic constraints of no CA', 'accepted', withExtensions(basicConstraints(false), leafUsage)),
  one(
    'a CA, with keyCertSign',
    'is_ca',
    withExtensions(basicConstraints(true), keyUsage(['digitalSignature', 'keyCertSign'])),
    spiffeRule,
  ),
  one('a CA, without keyCertSign', 'is_ca', withExtensions(basicConstraints(true), leafUsage), spiffeRule),
  one('no key usage', 'no_key_usage', withExtensions(), noSpiffeUsage),
  one('a key usage without digitalSignature', 'no_key_usage', withExtensions(keyUsage(['keyEncipherment']))),
  one(
    'keyCertSign in its key usage',
    'ca_key_usage',
    withExtensions(keyUsage(['digitalSignature', 'keyCertSign'])),
    spiffeRule,
  ),
  one(
    'cRLSign in its key usage',
    'ca_key_usage',
    withExtensions(keyUsage(['digitalSignature', 'cRLSign'])),
    spiffeRule,
  ),
  one(
    'only serverAuth in its extended key usage',
    'wrong_purpose',
    withExtensions(leafUsage, extendedKeyUsage(purposes.server)),
    purposeRule,
  ),
  one(
    'only clientAuth in its extended key usage',
    'wrong_purpose',
    withExtensions(leafUsage, extendedKeyUsage(purposes.client)),
    purposeRule,
  ),
  one(
    'only codeSigning in its extended key usage',
    'wrong_purpose',
    withExtensions(leafUsage, extendedKeyUsage(purposes.code)),
    purposeRule,
  ),
  one(
    'only anyExtendedKeyUsage in its extended key usage',
    'wrong_purpose',
    withExtensions(leafUsage, extendedKeyUsage(purposes.any)),
    purposeRule,
  ),
  one('no subject alternative names', 'no_uri_san', { extensions: [leafUsage] }, spiffeRule),
  one('a DNS name and no URI', 'no_uri_san', { extensions: [leafUsage, names(dns('web'))] }, spiffeRule),
  one('two SPIFFE IDs', 'many_uri_sans', withUris('spiffe://example.org/web', 'spiffe://example.org/api'), spiffeRule),
  one(
    'a SPIFFE ID and another URI',
    'many_uri_sans',
    withUris('spiffe://example.org/web', 'https://example.org/'),
    spiffeRule,
  ),
  one('a URI of another scheme', 'invalid_spiffe_id', withUris('https://example.org/web'), spiffeRule),
  one('the SPIFFE ID of a trust domain', 'no_path', withUris('spiffe://example.org'), spiffeRule),
  one('a trust domain in capitals', 'invalid_spiffe_id', withUris('spiffe://Example.org/web'), spiffeRule),
  one('no trust domain', 'invalid_spiffe_id', withUris('spiffe:///web'), spiffeRule),
  one('a port', 'invalid_spiffe_id', withUris('spiffe://example.org:8443/web'), spiffeRule),
  one('a user', 'invalid_spiffe_id', withUris('spiffe://me@example.org/web'), spiffeRule),
  one('a query', 'invalid_spiffe_id', withUris('spiffe://example.org/web?a=b'), spiffeRule),
  one('a fragment', 'invalid_spiffe_id', withUris('spiffe://example.org/web#a'), spiffeRule),
  one('a percent-encoded path', 'invalid_spiffe_id', withUris('spiffe://example.org/w%65b'), spiffeRule),
  one('a slash at the end', 'invalid_spiffe_id', withUris('spiffe://example.org/web/'), spiffeRule),
  one('a segment of two dots', 'invalid_spiffe_id', withUris('spiffe://example.org/../web'), spiffeRule),
  one('a critical extension that no program knows', 'refused_other', withExtensions(leafUsage, unknownExtension(true))),
  one('an extension twice', 'refused_other', withExtensions(leafUsage, leafUsage)),
  one('a critical authority key identifier', 'refused_other', withExtensions(leafUsage, authorityKeyId(rootKey, true))),
  one('a negative serial number', 'refused_other', { serial: '81' }, goParser),
  one('two different algorithms for its signature', 'refused_other', {
    signedAlgorithm: ed448,
    algorithm: ed25519,
  }),
  one(
    'a length of more octets than it needs',
    'refused_other',
    withExtensions(leafUsage, sequence(oid('2b0601040182377f01'), Buffer.of(0x04, 0x81, 0x01, 0x05))),
    goParser,
  ),
  one('a key of the curve secp256k1', 'refused_other', { spki: koblitzSpki }, foreignKey),
  one('an Ed448 key', 'refused_other', { spki: ed448Key.spki }, foreignKey),
  one('an RSA key of 512 bits', 'refused_other', { spki: smallSpki }),
  one(
    'a NUL octet behind its SPIFFE ID',
    'invalid_spiffe_id',
    { extensions: [leafUsage, names(der(0x86, Buffer.from('spiffe://example.org/web\0')))] },
    spiffeRule,
  ),
]
