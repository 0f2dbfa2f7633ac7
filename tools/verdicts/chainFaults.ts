import {
  authorityKeyId,
  basicConstraints,
  der,
  directory,
  extendedKeyUsage,
  extension,
  keyOf,
  keyUsage,
  nameConstraints,
  names,
  purposes,
  sequence,
  signedBy,
  subjectKeyId,
  unknownExtension,
  uri,
  type Key,
} from './certificateBuilder.ts'
import {
  caExtensions,
  caUsage,
  damaged,
  leaf,
  leafUsage,
  lowerLeaf,
  middle,
  middleKey,
  otherKey,
  root,
  rootKey,
  webId,
  type Difference,
  type SvidCase,
} from './svidParts.ts'
import { ed448Chain, smallKeyChain } from './foreignKeys.ts'
import { weakChain } from './weakChain.ts'

/** A case of a chain, which is verified with the root unless `bundle` says otherwise. */
const one = (
  name: string,
  says: string,
  chain: readonly Buffer[],
  { bundle = [root()], differ }: { readonly bundle?: readonly Buffer[]; readonly differ?: Difference } = {},
): SvidCase => ({ name, chain, bundle, says, ...(differ && { differ }) })

const followsGo = (why: string): { readonly differ: Difference } => ({ differ: { follows: 'go-spiffe', why } })

const signingRule = followsGo('X509-SVID section 4.3 requires keyCertSign; go-spiffe does not load such a chain')
const anyAnchor = followsGo(
  'by SPIFFE, every certificate of a trust bundle is an authority; OpenSSL wants a self-signed one, unless it is told to accept others',
)

const onePath = followsGo('without key identifiers, OpenSSL tries the first certificate of a name and no other')

const leafExtensions = [leafUsage, names(webId)]
/** An authority with its key identifier. */
const identified = (key: Key, ...more: readonly Buffer[]) =>
  root({ key, extensions: [...caExtensions, subjectKeyId(key), ...more] })

const [upperKey, crossKey] = [keyOf('upper'), keyOf('cross')]
const upper = middle({ subject: 'upper', key: upperKey })
const lower = middle({ issuer: 'upper', by: upperKey })
const other = root({ subject: 'other', issuer: 'other', key: otherKey })
const rootOfOtherKey = root({ key: otherKey })
const constrained = (...constraint: Parameters<typeof nameConstraints>) =>
  middle({ extensions: [...caExtensions, nameConstraints(...constraint)] })
const capital = leaf({ issuer: 'Root' })

/** A leaf with an IP address, in hex. */
const leafAt = (address: string) =>
  lowerLeaf({ extensions: [leafUsage, names(webId, der(0x87, Buffer.from(address, 'hex')))] })

export const chainFaults: readonly SvidCase[] = [
  one('an intermediate', 'accepted', [lowerLeaf(), middle()]),
  one('two intermediates', 'accepted', [lowerLeaf(), lower, upper]),
  one('two intermediates in the other order', 'accepted', [lowerLeaf(), upper, lower]),
  one('the authority behind the leaf as well', 'accepted', [leaf(), root()]),
  one('an intermediate that has nothing to do with it', 'accepted', [leaf(), other]),
  one('an intermediate with a path length of 0', 'accepted', [
    lowerLeaf(),
    middle({ extensions: [basicConstraints(true, 0), caUsage] }),
  ]),
  one('an intermediate for the trust domain alone', 'accepted', [lowerLeaf(), constrained([uri('example.org')])]),
  one('an intermediate with the SPIFFE ID of another trust domain', 'accepted', [
    lowerLeaf(),
    middle({ extensions: [...caExtensions, names(uri('spiffe://other.example'))] }),
  ]),
  one(
    'an intermediate that two authorities have signed, of which one is trusted',
    'accepted',
    [lowerLeaf(), middle({ issuer: 'other', by: otherKey }), middle()],
    onePath,
  ),
  one('an authority of the same name and another key beside the right one', 'accepted', [leaf()], {
    bundle: [rootOfOtherKey, root()],
    ...onePath,
  }),
  one(
    'the same, and all have key identifiers',
    'accepted',
    [leaf({ extensions: [...leafExtensions, authorityKeyId(rootKey)] })],
    {
      bundle: [identified(otherKey), identified(rootKey)],
    },
  ),
  one('an authority without a name', 'accepted', [leaf({ issuer: '' })], {
    bundle: [root({ subject: '', issuer: '' })],
  }),
  one('an authority without key usage', 'accepted', [leaf()], {
    bundle: [root({ extensions: [basicConstraints(true)] })],
  }),
  one('an authority of version 1, which has no extensions', 'accepted', [leaf()], {
    bundle: [root({ isVersion1: true })],
  }),
  one('the intermediate is the authority', 'accepted', [lowerLeaf()], { bundle: [middle()], ...anyAnchor }),
  one('the leaf is in the trust bundle', 'accepted', [leaf()], { bundle: [leaf()], ...anyAnchor }),
  one(
    'a key identifier that is not that of the authority',
    'accepted',
    [leaf({ extensions: [...leafExtensions, authorityKeyId(otherKey)] })],
    {
      bundle: [root({ extensions: [...caExtensions, subjectKeyId(rootKey)] })],
      ...followsGo(
        'RFC 5280 section 4.2.1.1 has key identifiers to find an issuer, not to refuse one whose signature is good',
      ),
    },
  ),
  one(
    'an intermediate for servers alone',
    'accepted',
    [lowerLeaf(), middle({ extensions: [...caExtensions, extendedKeyUsage(purposes.server)] })],
    {
      ...followsGo('X509-SVID section 4.4 has purposes for leaves only'),
    },
  ),
  one(
    'an intermediate for the trust domain above',
    'accepted',
    [
      lowerLeaf({ extensions: [leafUsage, names(uri('spiffe://a.example.org/web'))] }),
      constrained([uri('example.org')]),
    ],
    {
      ...followsGo('Go lets a URI constraint hold for the domains below as well, OpenSSL does not'),
    },
  ),
  one('another authority', 'unknown_authority', [leaf()], { bundle: [other] }),
  one('an authority of the same name and another key', 'unknown_authority', [leaf()], { bundle: [rootOfOtherKey] }),
  one(
    'an authority of the same name and another key identifier',
    'unknown_authority',
    [leaf({ extensions: [...leafExtensions, authorityKeyId(rootKey)] })],
    {
      bundle: [root({ key: otherKey, extensions: [...caExtensions, subjectKeyId(otherKey)] })],
    },
  ),
  one('no intermediate', 'unknown_authority', [lowerLeaf()]),
  one('an issuer without a name', 'unknown_authority', [leaf({ issuer: '' })]),
  one('one of two intermediates', 'unknown_authority', [lowerLeaf(), lower]),
  one('intermediates that have signed each other', 'unknown_authority', [
    lowerLeaf(),
    middle({ issuer: 'cross', by: crossKey }),
    middle({ subject: 'cross', issuer: 'middle', key: crossKey, by: middleKey }),
  ]),
  one('the name of the authority in another case', 'unknown_authority', [capital], {
    ...followsGo('RFC 5280 section 7.1 compares names without case, go-spiffe by their octets'),
  }),
  one('the signature of the leaf is damaged', 'unknown_authority', [damaged(leaf())]),
  one(
    'the signature of the leaf is damaged, and its key identifier is that of the authority',
    'wrong_signature',
    [damaged(leaf({ extensions: [...leafExtensions, authorityKeyId(rootKey)] }))],
    {
      bundle: [root({ extensions: [...caExtensions, subjectKeyId(rootKey)] })],
    },
  ),
  one('the signature of the intermediate is damaged', 'unknown_authority', [lowerLeaf(), damaged(middle())]),
  one('the leaf is signed with SHA-1', 'wrong_signature', weakChain),
  one('an intermediate with an RSA key of 512 bits', 'refused_other', smallKeyChain),
  one(
    'an intermediate with a boolean that is neither 0x00 nor 0xff',
    'refused_other',
    [lowerLeaf(), middle({ extensions: [extension('551d13', sequence(der(0x01, Buffer.of(1)))), caUsage] })],
    followsGo('RFC 5280 forbids it, and Go does not parse such a certificate'),
  ),
  one('an intermediate for the network of an IP address', 'accepted', [
    leafAt('0a000001'),
    constrained([der(0x87, Buffer.from('0a000000ff000000', 'hex'))]),
  ]),
  one('an intermediate for another network than that of an IP address', 'refused_other', [
    leafAt('0a000001'),
    constrained([der(0x87, Buffer.from('c0a80000ffff0000', 'hex'))]),
  ]),
  one('an intermediate for all networks but that of an IP address', 'refused_other', [
    leafAt('0a000001'),
    constrained([], [der(0x87, Buffer.from('0a000000ff000000', 'hex'))]),
  ]),
  one('an intermediate with an Ed448 key', 'refused_other', ed448Chain, followsGo('Go does not know Ed448')),
  one('an intermediate without basic constraints', 'malformed_certificate', [
    lowerLeaf(),
    middle({ extensions: [caUsage] }),
  ]),
  one('an intermediate that is no CA', 'malformed_certificate', [
    lowerLeaf(),
    middle({ extensions: [basicConstraints(false), caUsage] }),
  ]),
  one('an intermediate without keyCertSign', 'malformed_certificate', [
    lowerLeaf(),
    middle({ extensions: [basicConstraints(true), keyUsage(['digitalSignature'])] }),
  ]),
  one(
    'an intermediate without key usage',
    'not_ca',
    [lowerLeaf(), middle({ extensions: [basicConstraints(true)] })],
    signingRule,
  ),
  one('an authority that is no CA', 'not_ca', [leaf()], {
    bundle: [root({ extensions: [basicConstraints(false), caUsage] })],
  }),
  one('an authority without basic constraints', 'not_ca', [leaf()], {
    bundle: [root({ extensions: [caUsage] })],
    ...followsGo('X509-SVID section 4.1 requires them; OpenSSL takes a self-signed certificate for a CA'),
  }),
  one('an authority without keyCertSign', 'not_ca', [leaf()], {
    bundle: [root({ extensions: [basicConstraints(true), keyUsage(['digitalSignature'])] })],
  }),
  one('an intermediate below an authority with a path length of 0', 'path_too_long', [lowerLeaf(), middle()], {
    bundle: [root({ extensions: [basicConstraints(true, 0), caUsage] })],
  }),
  one('two intermediates, the upper one with a path length of 0', 'path_too_long', [
    lowerLeaf(),
    lower,
    middle({ subject: 'upper', key: upperKey, extensions: [basicConstraints(true, 0), caUsage] }),
  ]),
  one(
    'a new key of the authority, signed with its old one, which has a path length of 0',
    'path_too_long',
    [
      leaf({ signs: signedBy(otherKey), extensions: [...leafExtensions, authorityKeyId(otherKey)] }),
      root({
        key: otherKey,
        by: rootKey,
        extensions: [...caExtensions, subjectKeyId(otherKey), authorityKeyId(rootKey)],
      }),
    ],
    {
      bundle: [root({ extensions: [basicConstraints(true, 0), caUsage, subjectKeyId(rootKey)] })],
      ...followsGo(
        'RFC 5280 section 6.1.4 does not count certificates that a CA has signed for itself, go-spiffe does',
      ),
    },
  ),
  one('an intermediate for another trust domain alone', 'refused_other', [
    lowerLeaf(),
    constrained([uri('other.example')]),
  ]),
  one('an intermediate for all trust domains but this one', 'refused_other', [
    lowerLeaf(),
    constrained([], [uri('example.org')]),
  ]),
  one('an authority for another trust domain alone', 'refused_other', [leaf()], {
    bundle: [root({ extensions: [...caExtensions, nameConstraints([uri('.other.example')])] })],
  }),
  one(
    'an intermediate with a constraint on names of directories',
    'refused_other',
    [lowerLeaf(), constrained([directory('web')])],
    {
      ...followsGo('Go does not know the constraint, which is critical'),
    },
  ),
  one('an intermediate with a critical extension that no program knows', 'refused_other', [
    lowerLeaf(),
    middle({ extensions: [...caExtensions, unknownExtension(true)] }),
  ]),
  one('an authority with a critical extension that no program knows', 'refused_other', [leaf()], {
    bundle: [root({ extensions: [...caExtensions, unknownExtension(true)] })],
  }),
]
