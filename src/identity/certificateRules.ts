import { certificateParts, type CertificateParts } from './certificateParts.ts'
import { DerError, DerReader, derTags, type DerValue } from './der.ts'
import { extensionFrom, keyIdentifierOf, namesOf, sequenceIn, type Extension } from './extensions.ts'
import { keyProblem } from './keyRules.ts'
import { constrainedNames, constraintsIn, type NameConstraints, type NamesByType } from './nameConstraints.ts'

/** What a certificate says that the validation of a path needs (RFC 5280 section 6). */
export interface CertificateRules {
  /** The DER of the names, one character for each octet. go-spiffe compares names by their octets. */
  readonly issuer: string
  readonly subject: string
  /** The SubjectPublicKeyInfo, one character for each octet. */
  readonly key: string
  /** The signature uses a digest with known collisions (MD5, SHA-1). */
  readonly isWeaklySigned: boolean
  /** `not_said` by a certificate older than version 3, which has no basic constraints. */
  readonly ca: 'yes' | 'no' | 'not_said'
  /** The most CAs that may come between this one and the leaf. */
  readonly pathLength: number | undefined
  readonly usage: KeyUsage | undefined
  /** The purposes of the extended key usage, as the contents octets of object identifiers in hex. */
  readonly purposes: readonly string[] | undefined
  /** Key identifiers in lower-case hex. */
  readonly authorityKeyId: string | undefined
  readonly subjectKeyId: string | undefined
  /** The subject alternative names that constraints of a CA are for, and the DER of all in hex. */
  readonly names: NamesByType
  readonly namesHex: string | undefined
  readonly constraints: NameConstraints | undefined
  /** Why peers do not use its key. */
  readonly keyProblem: string | undefined
  /** A rule that the certificate breaks, so that peers do not read it or do not use it. */
  readonly broken: string | undefined
}

export interface KeyUsage {
  readonly critical: boolean
  /** The first two octets of the bits. */
  readonly bits: number
}

export const keyUsageBits = { digitalSignature: 0x8000, keyCertSign: 0x0400, cRLSign: 0x0200 } as const

/** Reads a certificate that node:crypto has parsed. One whose rules cannot be read is `broken`, and has no names. */
export function certificateRules(der: Buffer): CertificateRules {
  try {
    return rulesOf(certificateParts(der))
  } catch (thrown) {
    if (!(thrown instanceof DerError)) throw thrown
    return { ...unread, broken: thrown.message }
  }
}

const unread: CertificateRules = {
  issuer: '',
  subject: '',
  key: '',
  isWeaklySigned: false,
  ca: 'no',
  pathLength: undefined,
  usage: undefined,
  purposes: undefined,
  authorityKeyId: undefined,
  subjectKeyId: undefined,
  names: constrainedNames([]),
  namesHex: undefined,
  constraints: undefined,
  keyProblem: undefined,
  broken: undefined,
}

/** Extensions of RFC 5280 by the contents octets of their identifiers, in hex. */
const ids = {
  subjectKeyId: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  crlDistributionPoints: '551d1f',
  certificatePolicies: '551d20',
  policyMappings: '551d21',
  authorityKeyId: '551d23',
  policyConstraints: '551d24',
  extendedKeyUsage: '551d25',
  inhibitAnyPolicy: '551d36',
  authorityInfoAccess: '2b06010505070101',
} as const

const known = new Set<string>(Object.values(ids))

/** By RFC 5280, these are never critical. */
const neverCritical = new Set<string>([ids.subjectKeyId, ids.authorityKeyId, ids.authorityInfoAccess])

/** Signatures with MD2, MD5 or SHA-1, of RSA, DSA and ECDSA. */
const weakAlgorithms = new Set([
  '2a864886f70d010102',
  '2a864886f70d010104',
  '2a864886f70d010105',
  '2a8648ce380403',
  '2a8648ce3d0401',
])

function rulesOf(parts: CertificateParts): CertificateRules {
  const extensions = extensionsOf(parts)
  const byId = new Map(extensions.map((extension) => [hexOf(extension.id), extension]))
  const read = <Value>(id: string, valueOf: (extension: Extension) => Value): Value | undefined => {
    const extension = byId.get(id)
    return extension && valueOf(extension)
  }
  const basic = read(ids.basicConstraints, basicConstraintsOf)
  const constraints = read(ids.nameConstraints, constraintsIn)
  return {
    issuer: textOf(parts.issuer),
    subject: textOf(parts.subject),
    key: textOf(parts.key),
    isWeaklySigned: weakAlgorithms.has(hexOf(DerReader.ofMembers(parts.algorithm).any())),
    ca: basic?.isCa === true ? 'yes' : basic === undefined && parts.version === undefined ? 'not_said' : 'no',
    pathLength: basic?.pathLength,
    usage: read(ids.keyUsage, keyUsageOf),
    purposes: read(ids.extendedKeyUsage, purposesOf),
    authorityKeyId: read(ids.authorityKeyId, authorityKeyIdOf),
    subjectKeyId: read(ids.subjectKeyId, subjectKeyIdOf),
    names: constrainedNames(read(ids.subjectAltName, namesOf) ?? []),
    namesHex: read(ids.subjectAltName, ({ value }) => hexOf(value)),
    constraints,
    keyProblem: keyProblem(parts.key),
    broken: brokenRule(parts, extensions) ?? brokenExtension(extensions, byId.size, constraints),
  }
}

function extensionsOf({ extensions }: CertificateParts): readonly Extension[] {
  if (extensions === undefined) return []
  const explicit = DerReader.ofMembers(extensions)
  const list = explicit.inside(derTags.sequence, 'the list of extensions').all(extensionFrom)
  explicit.end()
  return list
}

/** Rules that Go checks when it parses a certificate, and OpenSSL does not, or only when it verifies one. */
function brokenRule({ serialNumber, algorithm, signedAlgorithm }: CertificateParts, extensions: readonly Extension[]) {
  if ((serialNumber.content[0] ?? 0) >= 0x80) return 'its serial number is negative'
  if (!algorithm.content.equals(signedAlgorithm.content)) return 'it names two different algorithms for its signature'
  const critical = extensions.find(({ id, critical }) => critical && neverCritical.has(hexOf(id)))
  return critical && `its extension ${objectId(critical.id)} is critical, which RFC 5280 forbids`
}

function brokenExtension(extensions: readonly Extension[], different: number, constraints?: NameConstraints) {
  if (different < extensions.length) return 'it has an extension twice'
  const unknown = extensions.find(({ id, critical }) => critical && !known.has(hexOf(id)))
  if (unknown !== undefined) return `its extension ${objectId(unknown.id)} is critical, and peers do not know it`
  return constraints?.hasUnknownCritical === true
    ? 'its name constraints are critical, and have a type of name that peers do not know'
    : undefined
}

function basicConstraintsOf({ value }: Extension): { readonly isCa: boolean; readonly pathLength: number | undefined } {
  const members = sequenceIn(value, 'the basic constraints')
  const isCa = members.optional(derTags.boolean)
  const pathLength = members.optional(derTags.integer)
  members.end()
  return { isCa: isCa !== undefined && strictlyTrue(isCa), pathLength: pathLength && countOf(pathLength) }
}

/** Go does not read a boolean that is not in DER: 0x00 or 0xff. */
function strictlyTrue({ content }: DerValue): boolean {
  if (content.length === 1 && (content[0] === 0 || content[0] === 0xff)) return content[0] === 0xff
  throw new DerError('malformed_der', 'a boolean is neither 0x00 nor 0xff (DER)')
}

/** Returns a count that is not negative. One of many octets is as good as no limit. */
function countOf({ content }: DerValue): number | undefined {
  if (content.length === 0 || (content[0] ?? 0) >= 0x80)
    throw new DerError('malformed_der', 'a count is negative (DER)')
  return content.length > 4 ? undefined : content.readUIntBE(0, content.length)
}

function keyUsageOf({ critical, value }: Extension): KeyUsage {
  const { content } = DerReader.ofMembers(value).next(derTags.bitString, 'the key usage')
  return { critical, bits: ((content[1] ?? 0) << 8) | (content[2] ?? 0) }
}

const purposesOf = ({ value }: Extension): readonly string[] =>
  sequenceIn(value, 'the extended key usage').all((purposes) =>
    hexOf(purposes.next(derTags.objectIdentifier, 'a purpose')),
  )

function authorityKeyIdOf(extension: Extension): string | undefined {
  const keyId = keyIdentifierOf(extension)
  return keyId && hexOf(keyId)
}

const subjectKeyIdOf = ({ value }: Extension): string =>
  hexOf(DerReader.ofMembers(value).next(derTags.octetString, 'the subject key identifier'))

const hexOf = ({ content }: DerValue): string => content.toString('hex')
const textOf = ({ content }: DerValue): string => content.toString('latin1')

/** Returns an object identifier in its usual form, such as 2.5.29.17. */
function objectId({ content }: DerValue): string {
  const arcs: number[] = []
  let arc = 0
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f)
    if (octet < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...others] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - 40 * root, ...others].join('.').slice(0, 80)
}
